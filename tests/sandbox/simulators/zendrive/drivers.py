"""Who is known, what they drove, and which of it ended in a crash."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from tests.sandbox.simulators import crashes, trips
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.people import Person, Population
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive.settings import Settings

PROVIDER = "zendrive"
RECORDED = trips.DRIVEN | {"bus", "train", "biking"}
_EPOCH = datetime.fromtimestamp(0, UTC)
_NAME = re.compile(r"driver-(\d{4,7})")
_DAY = timedelta(days=1)


def driver_id(person: Person) -> str:
    return person.identity(PROVIDER)


def trip_id(trip: Trip) -> int:
    """Its start."""
    return epoch_ms(trip.start)


def epoch_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


class Drivers:
    """Only crashes that a test asked for and trips that were deleted are remembered."""

    def __init__(self, settings: Settings) -> None:
        self.people = Population(settings.seed, settings.users)
        self._now = settings.now
        self._first_day = settings.first_day
        self._ids: dict[str, Person] = {}
        self._crashes: dict[str, Crash] = {}
        self._deleted: set[str] = set()

    def now(self) -> datetime:
        return self._now()

    def find(self, name: str) -> Person | None:
        """By the id that they have here, or by the insurer's name."""
        found = _NAME.fullmatch(name)
        number = int(found[1]) if found else 0
        if 1 <= number <= len(self.people):
            return self.people.person(number)
        if not self._ids:
            self._ids = {driver_id(person): person for person in self.people}
        return self._ids.get(name)

    def trips(self, person: Person, first: date, last: date) -> list[Trip]:
        """What began on these days, UTC, and is over."""
        found = [
            trip
            for trip in (*self._made(person, first, last), *self._homeward(person))
            if first <= trip.start.astimezone(UTC).date() <= last
            and trip.end <= self.now() + timedelta(seconds=1)
            and trip.key not in self._deleted
        ]
        return sorted(found, key=lambda trip: trip.start)

    def trip(self, person: Person, number: int) -> Trip | None:
        if not 0 <= number < 10**13:
            return None
        day = (_EPOCH + timedelta(milliseconds=number)).date()
        return next((one for one in self.trips(person, day, day) if trip_id(one) == number), None)

    def crash_of(self, trip: Trip) -> Crash | None:
        if trip.mode not in trips.DRIVEN:
            return None
        return self._crashes.get(trip.key) or crashes.of(trip)

    def collision(self, person: Person, number: int) -> Crash | None:
        """The crash at that moment."""
        if not 0 <= number < 10**13:
            return None
        day = (_EPOCH + timedelta(milliseconds=number)).date()
        for trip in self.trips(person, day - _DAY, day):
            crash = self.crash_of(trip)
            if crash and epoch_ms(crash.moment) == number:
                return crash
        return None

    def crashed(self, first: date, last: date) -> Iterator[Crash]:
        for person in self.people:
            yield from filter(None, map(self.crash_of, self.trips(person, first, last)))

    def crash(self, person: Person, moment: datetime, severity: str) -> Crash:
        crash = crashes.at(person, moment, known_by=self.now(), severity=severity)
        self._crashes[crash.trip.key] = crash
        return crash

    def delete(self, trip: Trip) -> None:
        self._deleted.add(trip.key)

    def _made(self, person: Person, first: date, last: date) -> Iterator[Trip]:
        """Trips belong to a day of the clock on the wall, an hour or two ahead."""
        day = max(self._first_day, first)
        while day <= min(last, self.now().date()) + _DAY:
            yield from (trip for trip in trips.of(person, day) if trip.mode in RECORDED)
            day += _DAY

    def _homeward(self, person: Person) -> list[Trip]:
        """Those that were made for a crash."""
        added = [crash.trip for crash in self._crashes.values()]
        return [
            trip for trip in added if trip.person.key == person.key and "/homeward/" in trip.key
        ]
