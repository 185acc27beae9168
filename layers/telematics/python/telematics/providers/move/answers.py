"""What MOVE's API answered: its exact bytes, and which trips they are about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from telematics.errors import ProviderBusy, TelematicsError
from telematics.providers.move.trip_id import TripId

WHO = "Dolphin MOVE"


class Head(msgspec.Struct, frozen=True):
    """What identifies an item; the version of the API decides which spelling is there."""

    start: datetime = msgspec.field(name="startTs")
    product: int | str | None = msgspec.field(name="productId", default=None)
    project: int | str | None = msgspec.field(name="projectId", default=None)
    contract: int | str | None = msgspec.field(name="contractId", default=None)
    user: int | str | None = msgspec.field(name="userId", default=None)


_head = msgspec.json.Decoder(Head)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Item(NamedTuple):
    """One timeline item, byte for byte."""

    trip: TripId
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`asked` names the call. `unidentified` are elements that don't say which trip they are.

    Nothing of it is shown: it is full of people and places.
    """

    asked: str
    body: bytes = field(repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    unidentified: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def elements(self) -> int:
        return len(self.items) + len(self.unidentified)


@dataclass(frozen=True)
class Answers:
    """Several, in the order in which they came. `refused`: trips that were asked for in vain."""

    answers: tuple[Answer, ...] = ()
    refused: Mapping[TripId, TelematicsError] = field(default_factory=dict, repr=False)

    @property
    def items(self) -> tuple[Item, ...]:
        """Each trip once, as the last answer has it."""
        return tuple({one.trip: one for answer in self.answers for one in answer.items}.values())

    @property
    def unidentified(self) -> tuple[bytes, ...]:
        """Each once: windows that touch tell the same twice."""
        found = (element for answer in self.answers for element in answer.unidentified)
        return tuple(dict.fromkeys(found))


def of_one(asked: str, body: bytes) -> Answer:
    """An answer that is one item. Raises ProviderBusy when it is no JSON object."""
    try:
        _object.decode(body)
    except (ValueError, RecursionError):  # the parser's own text would show a part of it
        raise ProviderBusy(f"{WHO}'s answer is not a JSON object") from None
    return _answer(asked, body, [body])


def of_many(asked: str, body: bytes) -> Answer:
    """An answer that is a list of items. Raises ProviderBusy when it is no JSON array."""
    return _answer(asked, body, [bytes(one) for one in _elements(body)])


def of_points(asked: str, body: bytes) -> Answer:
    """A list of places, which name no trip. Raises ProviderBusy when it is no JSON array."""
    _elements(body)
    return Answer(asked, body)


def _elements(body: bytes) -> list[msgspec.Raw]:
    try:
        return _array.decode(body)
    except (ValueError, RecursionError):
        raise ProviderBusy(f"{WHO}'s answer is not a JSON array") from None


def _answer(asked: str, body: bytes, elements: list[bytes]) -> Answer:
    named = [(identified(element), element) for element in elements]
    return Answer(
        asked,
        body,
        items=tuple(Item(trip, element) for trip, element in named if trip),
        unidentified=tuple(element for trip, element in named if not trip),
    )


def identified(element: bytes) -> TripId | None:
    """Which trip an item is; None when it doesn't say."""
    try:
        head = _head.decode(element)
        start = head.start if head.start.tzinfo else head.start.replace(tzinfo=UTC)
        start = start.astimezone(UTC)
    except (ValueError, OverflowError, RecursionError):
        return None
    product = head.product if head.product is not None else head.project
    contract = head.contract if head.contract is not None else head.user
    if product in (None, "") or contract in (None, ""):
        return None
    return TripId(start, str(product), str(contract))
