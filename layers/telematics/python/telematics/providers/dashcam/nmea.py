"""The track of an event: the sentences of its satellite receiver, as points.

RMC has date, place, speed and course, GGA height and quality of the same second. A camera writes
sentences of its own between them, which are passed by. Speeds are in knots, as the standard says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from pynmeagps import NMEAMessage, NMEAReader
from pynmeagps.exceptions import NMEAMessageError, NMEAParseError, NMEATypeError

from telematics.providers.dashcam.tracks import ASKED as ASKED
from telematics.providers.dashcam.tracks import answer as answer
from telematics.providers.dashcam.tracks import exact as exact
from telematics.versions import Row

KNOT_MPS = 1852 / 3600
_ERRORS = (
    *(NMEAParseError, NMEAMessageError, NMEATypeError),
    *(AttributeError, KeyError, TypeError, ValueError),  # where fields are missing or senseless
)


@dataclass
class Track:
    """`unreadable` are the numbers of the lines that should have been read, from 1."""

    points: list[Row] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)


def points(track: bytes) -> Track:
    """A point for each moment whose place is told."""
    found = Track()
    heights: dict[time, Row] = {}
    places: list[tuple[time, Row]] = []
    for number, line in enumerate(track.splitlines(), start=1):
        try:
            for message in _read(line):
                if message.msgID == "GGA":
                    heights[message.time] = _height(message)
                elif _is_fix(message):
                    places.append((message.time, _place(message)))
        except _ERRORS:  # the text of theirs would show a place
            found.unreadable[number] = "not a sentence of NMEA 0183"
    found.points = [{**place, **heights.get(at, {})} for at, place in places]
    return found


def _read(line: bytes) -> Iterator[NMEAMessage]:
    """What precedes a sentence in its line, like a time of the camera's own, is passed by."""
    start = line.find(b"$")
    if start < 0 or line[start + 3 : start + 7] not in (b"RMC,", b"GGA,"):
        return
    message = NMEAReader.parse(line[start:].rstrip() + b"\r\n")
    if message is not None:
        yield message


def _is_fix(message: NMEAMessage) -> bool:
    is_dated = isinstance(message.date, date) and isinstance(message.time, time)
    return message.status == "A" and is_dated and _number(message.lat) is not None


def _place(message: NMEAMessage) -> Row:
    knots = _number(message.spd)
    return {
        "timestamp": datetime.combine(message.date, message.time, UTC),
        "lat": _number(message.lat),
        "lng": _number(message.lon),
        "speed_mps": None if knots is None else knots * KNOT_MPS,
        "heading_degrees": _number(message.cog),
    }


def _height(message: NMEAMessage) -> Row:
    satellites = _number(message.numSV)
    return {
        "altitude_m": _number(message.alt),
        "satellites": None if satellites is None else int(satellites),
        "hdop": _number(message.HDOP),
    }


def _number(value: Any) -> float | None:  # Any: the library has no types
    return float(value) if isinstance(value, int | float) else None
