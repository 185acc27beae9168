"""What simulators know of a month: trips, how far, and where some of them went."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

Place: TypeAlias = tuple[float, float]  # latitude and longitude


class Name(NamedTuple):
    """Of a trip. The day is that of the provider's data."""

    provider: str
    day: date
    trip: str


class Driven(NamedTuple):
    """Who, as the provider calls them, and how far where that is told."""

    person: str
    metres: float | None


class Shown(NamedTuple):
    """The way of one trip, point by point, and whose it is."""

    name: Name
    person: str
    places: Sequence[Place]


class Total(NamedTuple):
    """Of a day of a provider's, or of a person."""

    trips: int
    people: int
    kilometres: float


@dataclass
class Truth:
    """Each trip of a person counts once. `ways` are of one trip a day and provider."""

    trips: dict[tuple[Name, str], Driven] = field(default_factory=dict)
    ways: dict[tuple[str, date], Shown] = field(default_factory=dict)

    def tell(self, name: Name, driven: Driven) -> None:
        self.trips[name, driven.person] = driven

    def show(self, name: Name, person: str, places: Sequence[Place]) -> None:
        self.ways.setdefault((name.provider, name.day), Shown(name, person, places))

    def within(self, first: date, last: date) -> "Truth":
        """Of these days only: what is told of a crash is about the days around it, too."""
        trips = {key: one for key, one in self.trips.items() if first <= key[0].day <= last}
        return Truth(trips, self.ways)

    def per_day(self) -> Mapping[tuple[str, str], Total]:
        """By day and provider."""
        found: dict[tuple[str, str], list[Driven]] = defaultdict(list)
        for (name, _), driven in self.trips.items():
            found[name.day.isoformat(), name.provider].append(driven)
        return {place: total(some) for place, some in found.items()}

    def of_person(self, names: Mapping[str, str]) -> Mapping[str, int]:
        """Trips of one person, whom each provider calls by a name of its own."""
        found: dict[str, int] = defaultdict(int)
        for (name, _), driven in self.trips.items():
            found[name.provider] += names.get(name.provider) == driven.person
        return {provider: count for provider, count in found.items() if count}


def total(some: Sequence[Driven]) -> Total:
    metres = sum(one.metres or 0 for one in some)
    return Total(len(some), len({one.person for one in some}), metres / 1000)
