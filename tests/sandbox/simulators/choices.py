"""What a simulator's own routes can be asked for: whoever asks for anything else is told of it."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def must_be_known(what: str, value: object, known: Iterable[object]) -> None:
    """Raises ValueError, which msgspec reports as its own."""
    if value not in (names := tuple(known)):
        raise ValueError(f"no {what} is {value!r}: there are {', '.join(map(str, names))}")


def read(given: object, kind: type[T], *parts: type[msgspec.Struct]) -> T:
    """Names the fields there are, also those of its parts, where one is not known."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        if "unknown field" not in str(error):
            raise
        all_known: tuple[type[msgspec.Struct], ...] = (kind, *parts)
        names = ", ".join(name for one in all_known for name in one.__struct_fields__)
        raise msgspec.ValidationError(f"{error}: there are {names}") from None
