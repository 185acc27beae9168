"""The track of an event as it came, in an envelope: without what it takes to understand it."""

import msgspec

ASKED = "nmea"  # as the entries of an envelope name it


def answer(track: bytes) -> bytes:
    """A track as JSON, for an envelope; `exact` gives the very same bytes back."""
    return msgspec.json.encode(track.decode("latin-1"))


def exact(kept: bytes) -> bytes:
    """Raises ValueError."""
    return msgspec.json.decode(kept, type=str).encode("latin-1")
