"""Thirty days of a thousand people and four providers: loaded, tended and asked."""
