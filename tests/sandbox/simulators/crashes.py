"""Crashes: whoever can notice one tells of the same, at the same moment, place and speed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from tests.sandbox.simulators import city, routes, trips
from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.trips import Trip

# Far more than in life, so that a small insurer sees some.
PER_TRIP = 0.004
SEVERITIES = ("LOW", "MEDIUM", "HIGH")
_MAGNITUDES_MG = {"LOW": (2_500, 4_000), "MEDIUM": (4_000, 6_000), "HIGH": (6_000, 9_000)}
_HOMEWARD_KMH = 32


@dataclass(frozen=True, eq=False)
class Crash:
    """On a trip, at one of its places; nobody can tell how severe it was where that is None."""

    trip: Trip
    place: Waypoint
    confidence: int
    magnitude_mg: int
    severity: str | None

    @property
    def moment(self) -> datetime:
        return self.trip.start + timedelta(seconds=int(self.place.after_s))


def of(trip: Trip) -> Crash | None:
    """Few trips have one, and nobody had to ask for it."""
    return drawn(trip, chance(trip.key, "crash"), PER_TRIP)


def drawn(trip: Trip, draw: Random, per_trip: float) -> Crash | None:
    if draw.random() >= per_trip:
        return None
    place = trip.way[draw.randrange(len(trip.way) // 2, len(trip.way))]
    return Crash(
        trip=trip,
        place=place,
        confidence=draw.randint(30, 99),
        magnitude_mg=draw.randint(2_500, 9_000),
        severity=draw.choice((None, *SEVERITIES)),
    )


def at(person: Person, moment: datetime, *, known_by: datetime, severity: str) -> Crash:
    """In what they drove then, if it is over by now; or else at their door, coming home."""
    trip = _driven(person, moment, known_by) or _homeward(person, moment)
    draw = chance(trip.key, "crash", int(moment.timestamp()))
    return Crash(
        trip=trip,
        place=_passed(trip, int((moment - trip.start).total_seconds())),
        confidence=draw.randint(70, 99),
        magnitude_mg=draw.randint(*_MAGNITUDES_MG[severity]),
        severity=severity,
    )


def _driven(person: Person, moment: datetime, known_by: datetime) -> Trip | None:
    for day in (moment.astimezone(city.ZONE).date() - timedelta(days=ago) for ago in (0, 1)):
        for trip in trips.of(person, day):
            if trip.is_driven and trip.start <= moment <= trip.end <= known_by:
                return trip
    return None


def _homeward(person: Person, moment: datetime) -> Trip:
    """Nobody else knows of it."""
    ends = (person.haunts[0], person.home)
    distance_m = max(1_500, round(routes.distance_m(ends, is_straight=False)))
    duration_s = round(distance_m / (_HOMEWARD_KMH / 3.6))
    end = moment.astimezone(city.ZONE).replace(microsecond=0)
    offset = end.utcoffset() or timedelta(0)
    start = (end.astimezone(UTC) - timedelta(seconds=duration_s)).astimezone(end.tzinfo)
    key = f"{person.key}/{end.date()}/homeward/{int(end.timestamp())}"
    return Trip(
        person=person,
        key=key,
        session=key,
        mode="car",
        role="driver",
        origin=ends[0],
        destination=ends[1],
        start=start.replace(tzinfo=timezone(offset)),
        duration_s=duration_s,
        distance_m=distance_m,
        seen_at=moment,
    )


def _passed(trip: Trip, after_s: int) -> Waypoint:
    """Where they are by then; coming home, not yet as slow as who parks there."""
    before = max((one for one in trip.way if one.after_s <= after_s), key=lambda one: one.after_s)
    later = next((one for one in trip.way if one.after_s > after_s), before)
    part = (after_s - before.after_s) / ((later.after_s - before.after_s) or 1)
    is_last = later is before
    return Waypoint(
        after_s=after_s,
        latitude=before.latitude + (later.latitude - before.latitude) * part,
        longitude=before.longitude + (later.longitude - before.longitude) * part,
        speed_kmh=chance(trip.key, "door").randint(15, 50) if is_last else later.speed_kmh,
        limit_kmh=later.limit_kmh,
    )
