"""How people move: to work and home again, to the shops, to friends; some by train and on foot."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from tests.sandbox.simulators import city, routes
from tests.sandbox.simulators.chance import chance, share
from tests.sandbox.simulators.city import Place
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.routes import Ends, Waypoint

DRIVEN = frozenset({"car", "motorcycle"})
LONGEST_DELAY_DAYS = 3
_SATURDAY = 5
_PLAIN_KMH = {"walking": 4.7, "biking": 15.0, "escooter": 16.0, "running": 9.0, "train": 62.0}
# Seconds, mostly; some phones know milliseconds and some microseconds.
_PRECISIONS = (1_000_000,) * 7 + (1_000,) * 2 + (1,)

Leg: TypeAlias = tuple[str, Place]  # how, and where to


class Names(NamedTuple):
    """Of a trip: whatever is drawn about it starts from these."""

    day: date
    key: str
    session: str


@dataclass(frozen=True, eq=False)
class Trip:
    """From one place to another in one way. `role` is empty where nobody drives.

    Trips of one `session` follow each other. `seen_at` is when the phone had sent it: that, and
    not `start`, decides which day's data it is in.
    """

    person: Person
    key: str
    session: str
    mode: str
    role: str
    origin: Place
    destination: Place
    start: datetime
    duration_s: int
    distance_m: int
    seen_at: datetime

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.duration_s)

    @property
    def is_driven(self) -> bool:
        return self.mode in DRIVEN and self.role == "driver"

    @property
    def way(self) -> Sequence[Waypoint]:
        return _way(self)


@lru_cache(maxsize=10_000)
def of(person: Person, day: date) -> tuple[Trip, ...]:
    """What they did on a day of theirs, in order."""
    random = chance(person.key, day)
    if random.random() < 0.1:
        return ()
    here, free_at, trips = person.home, _local(day, 0.0), list[Trip]()
    day_mode = person.usual_mode if random.random() < 0.85 else "car"
    for errand, (hour, there) in enumerate(_errands(person, day, random)):
        moment = max(_local(day, hour), free_at + timedelta(minutes=4))
        for way, stop in _legs(here, there, day_mode, random):
            key = f"{person.key}/{day}/{len(trips)}"
            session = f"{person.key}/{day}/session/{errand}"
            trip = _trip(person, Names(day, key, session), way, (here, stop), moment)
            trips.append(trip)
            here, free_at = stop, trip.end
            moment = free_at + timedelta(seconds=random.randint(20, 400))
    return tuple(trips)


def seen_on(person: Person, day: date) -> Iterator[Trip]:
    """What their phone sends on a day, UTC: nearly all of it driven on that day, some before."""
    for days_ago in range(LONGEST_DELAY_DAYS + 1, -1, -1):
        trip_day = day - timedelta(days=days_ago)
        if days_ago - delay_days(person, trip_day) in (0, 1):  # 1: sent after midnight
            yield from (trip for trip in of(person, trip_day) if trip.seen_at.date() == day)


@lru_cache(maxsize=1_000)
def _way(trip: Trip) -> Sequence[Waypoint]:
    return routes.waypoints(
        (trip.origin, trip.destination),
        duration_s=trip.duration_s,
        is_straight=trip.mode == "train",
        random=chance(trip.key, "way"),
    )


def delay_days(person: Person, day: date) -> int:
    """How late the phone sends that day's trips."""
    drawn = share(person.key, day, "delay")
    return sum(drawn > limit for limit in (0.94, 0.97, 0.99))


def _errands(person: Person, day: date, random: random.Random) -> Iterator[tuple[float, Place]]:
    """Hours of the day, and where to."""
    haunt = random.choice(person.haunts)
    if day.weekday() < _SATURDAY and random.random() < 0.9:
        yield person.leaves_at_hour + random.gauss(0, 0.15), person.work
        if random.random() < 0.25:
            yield random.uniform(11.8, 12.3), city.near(random, person.work, within_m=700)
            yield random.uniform(12.7, 13.1), person.work
        if random.random() < 0.3:
            yield random.gauss(16.9, 0.5), person.haunts[0]
        yield random.gauss(17.5, 0.6), person.home
    else:
        yield random.uniform(9.5, 11.5), person.haunts[1]
        yield random.uniform(12.0, 13.5), person.home
    if random.random() < 0.35:
        yield random.uniform(18.6, 20.0), haunt
        yield random.uniform(21.3, 23.4), person.home


def _legs(here: Place, there: Place, way: str, random: random.Random) -> list[Leg]:
    distance_m = here.distance_m(there)
    if distance_m < 900:
        return [("running" if random.random() < 0.04 else "walking", there)]
    if way == "biking" and distance_m > 9_000:
        way = "train"
    if way == "train" and distance_m < 6_000:
        way = "bus"
    if way in ("train", "bus"):
        stops = (city.near(random, place, within_m=600) for place in (here, there))
        return [("walking", next(stops)), (way, next(stops)), ("walking", there)]
    odd = random.random()
    if odd < 0.03:
        return [("insufficient_data" if odd < 0.02 else "other", there)]
    return [("escooter" if odd > 0.98 and distance_m < 3_000 else way, there)]


def _trip(person: Person, names: Names, mode: str, ends: Ends, moment: datetime) -> Trip:
    random = chance(names.key)
    distance_m = max(120, round(routes.distance_m(ends, is_straight=mode == "train")))
    speed_kmh = _average_kmh(mode, distance_m / 1_000) * random.uniform(0.82, 1.12)
    duration_s = max(60, round(distance_m / (speed_kmh / 3.6)))
    precision = random.choice(_PRECISIONS)
    start = moment.replace(microsecond=random.randrange(1_000_000) // precision * precision)
    return Trip(
        person=person,
        key=names.key,
        session=names.session,
        mode=mode,
        role=("passenger" if random.random() < 0.12 else "driver") if mode in DRIVEN else "",
        origin=ends[0],
        destination=ends[1],
        start=start,
        duration_s=duration_s,
        distance_m=distance_m,
        seen_at=_seen_at(person, names.day, start + timedelta(seconds=duration_s), random),
    )


def _average_kmh(mode: str, distance_km: float) -> float:
    """The farther, the faster: there is a motorway on the way."""
    if mode == "bus":
        return 16 + 0.5 * distance_km
    return _PLAIN_KMH.get(mode, 24 + 1.25 * min(distance_km, 40))


def _seen_at(person: Person, day: date, end: datetime, random: random.Random) -> datetime:
    """Minutes after its end; or the whole day's trips together, days later."""
    if late := delay_days(person, day):
        from_then_on = datetime.combine(day + timedelta(days=late), time(6), UTC)
        return from_then_on + timedelta(seconds=round(50_000 * share(person.key, day, "sent")))
    return end.astimezone(UTC) + timedelta(seconds=random.randint(90, 2_400))


def _local(day: date, hour: float) -> datetime:
    """The clock on the wall, with the offset of that moment spelt out."""
    hour = min(max(hour, 0.0), 23.9)
    wall = datetime.combine(day, time(), city.ZONE) + timedelta(hours=hour)
    offset = wall.utcoffset() or timedelta(0)
    return wall.replace(tzinfo=timezone(offset), microsecond=0)
