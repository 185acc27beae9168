"""Files that a provider offers for each day: listed, fetched and accounted for."""
