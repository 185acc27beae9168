"""Timeline items as MOVE has them: who did what, from when to when."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias

from tests.sandbox.simulators import trips
from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.move.settings import Settings
from tests.sandbox.simulators.people import Person, Population
from tests.sandbox.simulators.trips import Trip

Key: TypeAlias = tuple[str, int]  # contract, and the start in whole seconds

KINDS = (
    *("UNKNOWN", "DRIVING", "TRAIN", "TRAM", "CAR", "METRO"),
    *("FAKETRIP", "WALKING", "IDLE", "CYCLING"),
)
WITH_POINTS = frozenset({"DRIVING", "CYCLING"})
IN_A_CAR = frozenset({"DRIVING", "CAR"})
SECONDS_PER_POINT = 5
NIGHT_ENDS = time(2, tzinfo=UTC)
SHORTEST_STAY = timedelta(minutes=2)
MOST_IDLERS = 10_000  # in a row: nobody more will have done what is looked for
_CONTRACT = re.compile(r"driver-(\d{4,7})")
_KINDS_OF_MODES = {
    "biking": "CYCLING",
    "escooter": "CYCLING",
    "walking": "WALKING",
    "running": "WALKING",
    "insufficient_data": "UNKNOWN",
    "other": "UNKNOWN",
}


@dataclass(frozen=True, slots=True)
class Item:
    """`number` counts the day's trips; nobody moves in an item without one. `kind` is the first."""

    contract: str
    start: datetime
    end: datetime
    kind: str
    number: int | None = None
    events: int = 0
    distractions: int = 0
    areas: int = 0

    @property
    def key(self) -> Key:
        return self.contract, int(self.start.timestamp())

    @property
    def points(self) -> int:
        if self.number is None:
            return 0
        return (self.end - self.start) // timedelta(seconds=SECONDS_PER_POINT) + 1


class Timeline:
    """Which items there are, what they were relabelled to, and whose are blocked or deleted.

    Beyond the population there are as many people as a test asks for; of those, only items that
    were chosen for a notifier exist.
    """

    def __init__(self, settings: Settings) -> None:
        self.people = Population(settings.seed, settings.users)
        self.first_day = settings.first_day
        self.now = settings.now
        self.blocked: set[str] = set()
        self.deleted: set[str] = set()
        self._chosen: set[Key] = set()
        self._relabelled: dict[Key, str] = {}
        self._made = lru_cache(maxsize=20_000)(self._make)

    def kind(self, item: Item) -> str:
        return self._relabelled.get(item.key, item.kind)

    def relabel(self, item: Item, kind: str) -> None:
        self._relabelled[item.key] = kind

    def person(self, contract: str) -> Person | None:
        found = _CONTRACT.fullmatch(contract)
        person = self.people.person(int(found[1])) if found and int(found[1]) else None
        return person if person and person.user_id == contract else None

    def trip(self, item: Item) -> Trip | None:
        person = self.person(item.contract)
        if person is None or item.number is None:
            return None
        return trips.of(person, item.start.date())[item.number]

    def find(self, contract: str, start: int) -> Item | None:
        day = datetime.fromtimestamp(start, UTC).date()
        return next((item for item in self.of(contract, day) if item.key[1] == start), None)

    def of(self, contract: str, day: date) -> Iterator[Item]:
        """In order. Nobody knows of what has not ended yet."""
        person, now = self.person(contract), self.now()
        if person is None or contract in self.deleted or not self.first_day <= day <= now.date():
            return
        is_invented = person.number > len(self.people)
        for item in self._made(person.number, day):
            if item.end <= now and not (is_invented and item.key not in self._chosen):
                yield item

    def newest_first(self, contract: str, since: datetime, until: datetime) -> Iterator[Item]:
        """All that overlap the period."""
        day = min(until, self.now()).date()
        while day >= max(self.first_day, since.date() - timedelta(days=2)):
            for item in reversed(list(self.of(contract, day))):
                if item.start <= until and item.end >= since:
                    yield item
            day -= timedelta(days=1)

    def everybody(self, first: date, last: date) -> Iterator[Item]:
        """What began on these days in the population."""
        for person in self.people:
            for day in self._days(first, last):
                yield from self.of(person.user_id, day)

    def invented(self, first: date, last: date) -> Iterator[Item]:
        """More people, without end. An item exists once it was chosen."""
        number = busy = len(self.people)
        while number - busy < MOST_IDLERS:
            number += 1
            for day in self._days(first, last):
                for item in self._made(number, day):
                    if item.end <= self.now() and item.contract not in self.deleted:
                        busy = number
                        yield item

    def choose(self, item: Item) -> None:
        self._chosen.add(item.key)

    def _days(self, first: date, last: date) -> Iterator[date]:
        first = max(first, self.first_day)
        return (first + timedelta(days=number) for number in range((last - first).days + 1))

    def _make(self, number: int, day: date) -> tuple[Item, ...]:
        """Trips and the stays between them: the last one is the night's."""
        person = self.people.person(number)
        items, since = list[Item](), datetime.combine(day, NIGHT_ENDS)
        for place, trip in enumerate(trips.of(person, day)):
            start, end = trip.start.astimezone(UTC), trip.end.astimezone(UTC)
            if start - since >= SHORTEST_STAY:
                items.append(Item(person.user_id, since, start, "IDLE"))
            random = chance(trip.key, "move")
            items.append(_moving(trip, place, start, end, random))
            since = end
        morning = datetime.combine(day + timedelta(days=1), NIGHT_ENDS)
        items.append(Item(person.user_id, since, morning, "IDLE"))
        # A phone that is still on its way at midnight, UTC, has nothing to tell of that.
        return tuple(item for item in items if item.start.date() == day)


def notified_kind(item: Item) -> str:
    """The notifier's vocabulary is a smaller one."""
    return item.kind if item.kind in ("IDLE", "CYCLING", "WALKING") else "DRIVING"


def _moving(trip: Trip, place: int, start: datetime, end: datetime, random: random.Random) -> Item:
    kind, minutes = _kind(trip.mode, random), trip.duration_s / 60
    person = trip.person
    rough = 0.02 + 0.25 * (1 - person.care)
    events = _some(minutes * rough, 12, random) if kind in IN_A_CAR else 0
    phone = minutes * person.distraction / 5
    distractions = _some(phone, 6, random) if kind in WITH_POINTS | {"CAR"} else 0
    passes = kind in WITH_POINTS | {"CAR", "TRAIN", "METRO"}
    areas = random.choice((0,) * 12 + (1, 1, 2)) if passes else 0
    return Item(person.user_id, start, end, kind, place, events, distractions, areas)


def _kind(mode: str, random: random.Random) -> str:
    """A few car trips carry their label or turn out to be none, a few trains pass for cars."""
    if mode == "train":
        return random.choice(("TRAIN",) * 8 + ("METRO", "TRAM", "DRIVING"))
    odd = random.random()
    if mode in _KINDS_OF_MODES:
        return _KINDS_OF_MODES[mode]
    return "FAKETRIP" if odd < 0.02 else "CAR" if odd < 0.06 else "DRIVING"


def _some(mean: float, most: int, random: random.Random) -> int:
    return min(most, int(random.expovariate(1 / mean))) if mean else 0
