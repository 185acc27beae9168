"""All that is held of somebody, as one archive."""
