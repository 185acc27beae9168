"""What VisionMax's API answered: its exact bytes, and which events they are about."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from telematics.errors import ProviderBusy
from telematics.providers.dashcam.about import Event
from telematics.providers.dashcam.api import WHO

SUCCESS = "S00000"
# Of what others wrote, only what looks like an id or a code is ever repeated.
_REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{8,40}")
_CODE = re.compile(r"[A-Z]{1,4}_?[A-Z]{0,3}\d{1,8}")
_NULL = msgspec.Raw(b"null")


class Envelope(msgspec.Struct):
    """Around every answer. The safety report has its members beside these, not in `data`."""

    uq: object = None
    result: object = None
    code: object = None
    count: object = None
    data: msgspec.Raw = _NULL
    access_token: object = None
    token: object = None

    @property
    def is_success(self) -> bool:
        return self.result is True and self.code == SUCCESS

    @property
    def shown_code(self) -> str:
        return self.code if isinstance(self.code, str) and _CODE.fullmatch(self.code) else ""

    @property
    def request_id(self) -> str:
        return self.uq if isinstance(self.uq, str) and _REQUEST_ID.fullmatch(self.uq) else ""


class Element(NamedTuple):
    """One member of a list, byte for byte."""

    about: Event
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`asked` names the call. Nothing of it is shown: it is full of people and places."""

    asked: str
    body: bytes = field(repr=False)
    envelope: Envelope = field(repr=False)

    @property
    def request_id(self) -> str:
        return self.envelope.request_id

    @property
    def data(self) -> bytes:
        return bytes(self.envelope.data)

    @property
    def count(self) -> int | None:
        """How many there are altogether, where the answer says so."""
        told = self.envelope.count
        return told if isinstance(told, int) and not isinstance(told, bool) else None


@dataclass(frozen=True)
class Page:
    """A list, or a part of one. `unidentified` are elements that don't say which they are."""

    answer: Answer
    elements: tuple[Element, ...] = field(default=(), repr=False)
    unidentified: tuple[bytes, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.elements) + len(self.unidentified)


@dataclass(frozen=True)
class Listing:
    """All pages, in the order in which they came. `lacking`: so many more were announced."""

    pages: tuple[Page, ...]
    lacking: int = 0

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(page.answer for page in self.pages)

    @property
    def elements(self) -> tuple[Element, ...]:
        """Each once, as the last page has it."""
        found = {one.about.uuid: one for page in self.pages for one in page.elements}
        return tuple(found.values())

    @property
    def unidentified(self) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(one for page in self.pages for one in page.unidentified))


_envelope = msgspec.json.Decoder(Envelope)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def envelope(body: bytes) -> Envelope | None:
    """None where it is no JSON object."""
    try:
        return _envelope.decode(body)
    except (ValueError, RecursionError):  # the parser's own text would show a part of it
        return None


def of_many(answer: Answer) -> Page:
    """Raises ProviderBusy where `data` is neither a list nor absent."""
    try:
        parts = _array.decode(answer.data) if answer.data != b"null" else []
    except (ValueError, RecursionError):
        raise ProviderBusy(f"{WHO}'s answer to {answer.asked} is not a list") from None
    bodies = [bytes(part) for part in parts]
    named = [(identified(body), body) for body in bodies]
    return Page(
        answer,
        tuple(Element(about, body) for about, body in named if about),
        tuple(body for about, body in named if not about),
    )


def of_one(answer: Answer) -> Answer:
    """Raises ProviderBusy where `data` is no object."""
    try:
        _object.decode(answer.data)
    except (ValueError, RecursionError):
        raise ProviderBusy(f"{WHO}'s answer to {answer.asked} is not an object") from None
    return answer


def identified(element: bytes) -> Event | None:
    """Which event an element of a list is; None when it doesn't say."""
    try:
        return Event.of(msgspec.json.decode(element))
    except (ValueError, RecursionError):
        return None


def token_in(found: Envelope) -> str:
    """Where a login may have put it, in this order; empty where there is none that can be sent."""
    try:
        inside = msgspec.json.decode(found.data)
    except (ValueError, RecursionError):
        inside = None
    within = inside if isinstance(inside, dict) else {}
    places = (within.get("access_token"), within.get("token"), found.access_token, found.token)
    return next(_sendable(places), "")


def _sendable(places: Iterable[object]) -> Iterator[str]:
    for one in places:
        if isinstance(one, str) and one and one.isascii() and one.isprintable() and " " not in one:
            yield one
