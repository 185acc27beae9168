"""What a request asks for; raises Failed where it can't."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from tests.sandbox.simulators.dashcam.files import File

T = TypeVar("T")

BAD_REQUEST, NOT_ALLOWED, NOT_FOUND = "S40000", "S40100", "S40400"


class Failed(Exception):
    """The provider's envelope says no; its codes are not documented, these are the simulator's."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Asked:
    """One request. `link` makes links that lead back to where it came in."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    content: bytes
    token: str
    link: Callable[[File], str]

    def whole(self, name: str, default: int | None = None) -> int:
        given = self.query.get(name, "" if default is None else str(default))
        if not given.isdecimal() or len(given) > 10:
            raise Failed(BAD_REQUEST, f"{name} is missing, or no whole number")
        return int(given)

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        """The first is the default."""
        given = self.query.get(name, known[0])
        if given not in known:
            raise Failed(BAD_REQUEST, f"{name} is one of {', '.join(known)}")
        return given

    def names(self, name: str) -> frozenset[str]:
        return frozenset(filter(None, self.query.get(name, "").split(",")))

    def body(self, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self.content, type=kind)
        except msgspec.MsgspecError as error:
            raise Failed(BAD_REQUEST, str(error)) from None
