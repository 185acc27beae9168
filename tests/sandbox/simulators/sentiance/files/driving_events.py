"""What happened while driving: all of it, and what was hard, fast or long enough to matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.sentiance.files import scores
from tests.sandbox.simulators.sentiance.files.layout import (
    TRANSPORT,
    Layout,
    Row,
    cell,
    of_transport,
)
from tests.sandbox.simulators.sentiance.files.scores import Scores
from tests.sandbox.simulators.sentiance.files.source import Source
from tests.sandbox.simulators.trips import DRIVEN, Trip

MOST_OF_A_KIND = 25
DEFAULT_SCORE = 0.75


@dataclass(frozen=True)
class Kind:
    """`per_km` is how often it happens to somebody who scores 0.

    Its strength goes from `mildest` and is `typical` more on average; from `significant` on it
    matters. `measure` says what is measured; "duration" is in seconds.
    """

    name: str
    blames: str
    per_km: float
    measure: str
    mildest: float
    typical: float
    significant: float
    seconds: float


KINDS = (
    Kind("accelerating", "harsh_acceleration", 1.1, "magnitude", 1.2, 0.6, 2.25, 2.5),
    Kind("braking", "harsh_braking", 1.2, "magnitude", 1.5, 0.8, 3.0, 2.2),
    Kind("turning", "harsh_turning", 1.2, "magnitude", 1.8, 0.8, 3.5, 3.0),
    Kind("speeding", "legal", 0.6, "speed_over_limit", 2.0, 7.0, 10.0, 25.0),
    Kind("phone_handling", "focus", 0.5, "duration", 1.0, 7.0, 6.0, 0.0),
    Kind("screen", "focus", 0.4, "duration", 1.0, 9.0, 8.0, 0.0),
    Kind("call", "focus", 0.12, "duration", 5.0, 90.0, 60.0, 0.0),
    Kind("mounted", "mounted", 0.2, "duration", 30.0, 200.0, 120.0, 0.0),
)


@dataclass(frozen=True)
class Event:
    """`strength` is in m/s2, in km/h over the limit or in seconds, as its kind says."""

    kind: Kind
    start: datetime
    duration_s: float
    strength: float
    place: Waypoint

    @property
    def is_significant(self) -> bool:
        return self.strength >= self.kind.significant

    @property
    def end(self) -> datetime:
        return self.start + timedelta(milliseconds=int(self.duration_s * 1_000))

    def as_json(self) -> dict[str, object]:
        told: dict[str, object] = {
            "type": self.kind.name,
            "start": self.start.isoformat(timespec="milliseconds"),
            "end": self.end.isoformat(timespec="milliseconds"),
            "duration": round(self.duration_s, 3),
            "latitude": round(self.place.latitude, 5),
            "longitude": round(self.place.longitude, 5),
        }
        if self.kind.measure == "magnitude":
            direction = -1 if self.kind.name == "braking" else 1
            told["magnitude"] = round(direction * self.strength, 2)
        elif self.kind.measure == "speed_over_limit":
            told["speed_limit"] = self.place.limit_kmh
            told["top_speed"] = round(self.place.limit_kmh + self.strength, 1)
        return told


@lru_cache(maxsize=1_000)
def of_trip(source: Source, trip: Trip) -> Sequence[Event]:
    """In the order in which they happened; the lower a score, the more that it blames."""
    if trip.mode not in DRIVEN:
        return ()
    way, scored = trip.way, scores.of_trip(source, trip)
    events = (event for kind in KINDS for event in _of_kind(source, trip, kind, way, scored))
    return sorted(events, key=lambda event: (event.start, event.kind.name))


def _of_kind(
    source: Source, trip: Trip, kind: Kind, way: Sequence[Waypoint], scored: Scores
) -> Iterator[Event]:
    draw = source.draw(trip.key, kind.name)
    blamed: float | None = getattr(scored, kind.blames)
    share = 1 - (DEFAULT_SCORE if blamed is None else blamed)
    expected = kind.per_km * share * trip.distance_m / 1_000
    for _ in range(min(MOST_OF_A_KIND, int(draw.expovariate(1 / expected)) if expected else 0)):
        strength = kind.mildest + draw.expovariate(1 / kind.typical)
        duration_s = kind.seconds * draw.uniform(0.5, 1.6) if kind.seconds else strength
        duration_s = min(duration_s, trip.duration_s / 2)
        place = draw.choice(way[:-1])
        after_s = min(place.after_s + draw.uniform(0, 20), trip.duration_s - duration_s)
        start = trip.start + timedelta(milliseconds=int(after_s * 1_000))
        yield Event(kind, start, duration_s, strength, place)


def _all(source: Source) -> Iterator[Row]:
    return _rows(source, only_significant=False)


def _significant(source: Source) -> Iterator[Row]:
    return _rows(source, only_significant=True)


def _rows(source: Source, *, only_significant: bool) -> Iterator[Row]:
    for trip in source.driven_trips():
        events = of_trip(source, trip)
        told = [one.as_json() for one in events if one.is_significant or not only_significant]
        yield (*of_transport(trip), trip.duration_s, cell(told))


COLUMNS = (*TRANSPORT, "duration", "driving_events")
LAYOUTS = (
    Layout("driving_events_all", COLUMNS, _all, number="duration", text="driving_events"),
    Layout(
        "driving_events_significant",
        COLUMNS,
        _significant,
        number="duration",
        text="driving_events",
    ),
)
