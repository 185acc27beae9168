"""How a batch of trips is asked for.

The reference names the fields of the body and their types, not its shape: a list of questions, one
question for all starts of a person, or one for each item. Which it is is configured.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from telematics.providers.move.api import Api
from telematics.providers.move.trip_id import TripId

Question: TypeAlias = Mapping[str, object]
Body: TypeAlias = Question | Sequence[Question]
Shape: TypeAlias = Callable[[Sequence[TripId], Api], Iterator[Body]]


def number_if_one(product: str) -> int | str:
    """Products are numbers; a version of the API may have others."""
    is_one = product.isascii() and product.isdigit() and not product.startswith("0")
    return int(product) if is_one else product


def as_list(trips: Sequence[TripId], api: Api) -> Iterator[Body]:
    """One request, a question for each trip."""
    yield [_question(one, one.rfc3339, api) for one in trips]


def grouped(trips: Sequence[TripId], api: Api) -> Iterator[Body]:
    """A request for each person, with all their starts."""
    people: dict[tuple[str, str], list[TripId]] = defaultdict(list)
    for one in trips:
        people[one.product, one.contract].append(one)
    for theirs in people.values():
        yield _question(theirs[0], [one.rfc3339 for one in theirs], api)


def single(trips: Sequence[TripId], api: Api) -> Iterator[Body]:
    """A request for each trip."""
    for one in trips:
        yield _question(one, one.rfc3339, api)


SHAPES: Mapping[str, Shape] = {
    "list": as_list,
    "grouped": grouped,
    "single": single,
}


def _question(trip: TripId, start: str | list[str], api: Api) -> Question:
    return {
        "startTs": start,
        api.product: number_if_one(trip.product),
        api.contract: trip.contract,
    }
