"""What a raw object says of things that may change: each thing in one version, with its parts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union, cast

import msgspec

from telematics.catalog import PROVIDERS
from telematics.errors import MalformedPayload
from telematics.raw import RawKey

if TYPE_CHECKING:
    import pyarrow as pa

# What decoding JSON raises, of whatever bytes.
NOT_READABLE = (ValueError, RecursionError, OverflowError)

# A row by the lake's column names; what nobody declared is text.
Row: TypeAlias = Mapping[str, Any]  # any value that a column of the lake can hold

# Those that come by the thousand never are objects of Python: a table has them, typed.
Rows: TypeAlias = Union[Sequence[Row], "pa.Table"]


@dataclass(frozen=True)
class Thing:
    """One version of something: its rows and those of its parts, by dataset.

    `key` is its natural key, `digest` that of all that is told of it. `day` is the thing's own, so
    that all its versions lie in the same partition. A version of higher `precedence` tells more: it
    wins over all of lower, whatever their age.
    """

    dataset: str
    key: str
    day: date
    fetched_at: datetime
    digest: str
    rows: Mapping[str, Rows]
    precedence: int = 0


@dataclass(frozen=True)
class Unreadable:
    """A part that can't be read. `place` counts from 1, where parts have an order."""

    place: int | None
    reason: str
    content: str


@dataclass
class Contents:
    """What one raw object holds."""

    things: list[Thing] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(len(rows) for thing in self.things for rows in thing.rows.values())

    @property
    def size(self) -> int:
        """Also of what can't be read."""
        return self.rows + len(self.unreadable)


class Reader(Protocol):
    """`providers/<name>/rows.py` of a provider that sends versions."""

    def contents(self, key: RawKey, body: bytes, fetched_at: datetime) -> Contents: ...


def contents(key: RawKey, body: bytes, fetched_at: datetime) -> Contents:
    """Raises MalformedPayload where nothing at all can be read."""
    if key.provider not in PROVIDERS:
        raise MalformedPayload(f"no provider is called {key.provider!r}")
    module = import_module(f"telematics.providers.{key.provider}.rows")
    return cast(Reader, module).contents(key, body, fetched_at)


def digest(*told: object) -> str:
    """The same for the same content, however it was spelt."""
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:32]
