"""What Sentiance knows of one day: whose phones had sent what, up to some moment."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tests.sandbox.simulators import chance, city, trips
from tests.sandbox.simulators.people import Person, Population
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.trips import Trip

PROVIDER = "sentiance"
# Of a day's data, what is known when its file is made at first, and what a new edition drops.
SHARE_IN_TIME = 0.96
SHARE_DROPPED = 0.08
MORNING_SECONDS = 6 * 3_600


@dataclass(frozen=True)
class Source:
    """`until`: the day is not over, and nothing is known of what comes later.

    Another `revision` knows what came late, has thought better of some, and draws anew.
    """

    population: Population
    day: date
    revision: int = 0
    until: datetime | None = None

    def trips(self) -> Iterator[Trip]:
        for person in self.population:
            for trip in trips.seen_on(person, self.day):
                if self._is_past(trip.seen_at) and self.keeps(trip.key):
                    yield trip

    def driven_trips(self) -> Iterator[Trip]:
        """In a car or on a motorcycle, also as a passenger."""
        return (trip for trip in self.trips() if trip.mode in trips.DRIVEN)

    def way(self, trip: Trip) -> Sequence[Waypoint]:
        """What is told of where it went."""
        return trip.way

    def people(self) -> Iterator[tuple[Person, datetime]]:
        """Those whose phones were heard of, and when that was."""
        for person in self.population:
            heard_at = self._heard_at(person)
            if self._is_past(heard_at) and self.keeps(f"{person.key}/{self.day}"):
                yield person, heard_at

    def moment(self, draw: random.Random, heard_at: datetime) -> datetime:
        """Some time of the day, before the phone told of it, by the clock on the wall."""
        awake_s = (heard_at - self._midnight).total_seconds() - MORNING_SECONDS
        ago = timedelta(seconds=int(draw.random() * max(60.0, awake_s)))
        return (heard_at - ago).astimezone(city.ZONE)

    def draw(self, *key: object) -> random.Random:
        return chance.chance(*key, *([self.revision] if self.revision else []))

    def keeps(self, key: str) -> bool:
        if not self.revision:
            return chance.share(key, "in time") < SHARE_IN_TIME
        return chance.share(key, "dropped", self.revision) >= SHARE_DROPPED

    @property
    def _midnight(self) -> datetime:
        return datetime.combine(self.day, time(), UTC)

    def _heard_at(self, person: Person) -> datetime:
        into_the_day = MORNING_SECONDS + 17 * 3_600 * chance.share(person.key, self.day, "heard")
        return self._midnight + timedelta(seconds=round(into_the_day))

    def _is_past(self, moment: datetime) -> bool:
        return self.until is None or moment <= self.until
