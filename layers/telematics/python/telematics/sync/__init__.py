"""What a provider only tells when asked: its events, looked for every hour, kept in raw."""
