"""The words in which a provider's datasets are declared: columns, their types and units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PERSON = "provider_user_id"
OURS = (PERSON, "day", "raw_key", "loaded_at")


class Kind(StrEnum):
    """How a column is typed in the lake."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TIMESTAMP = "timestamp"  # an instant, UTC; ISO 8601 with an offset, or an epoch
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    """One column: `name` is ours, `source` the provider's spelling.

    `missing` lists the numbers that mean "not available", beside an empty cell, which always does.
    `per_second` is the resolution of an epoch: 1 for seconds, 1000 for milliseconds.
    """

    name: str
    kind: Kind
    source: str
    missing: tuple[float, ...] = ()
    per_second: int = 1000


@dataclass(frozen=True)
class Dataset:
    """What one table holds. `user` lists the spellings of the column with the person's identity.

    `key` names the column with the natural key, where a provider sends newer versions of the same
    thing: of all its versions the latest is kept. Where the rows are parts of a thing (the driving
    events of a trip), `part_of` names the dataset whose versions decide. Where some tellings of a
    thing say less than others, `precedence` names the column that says how much: more wins over
    less, whichever is the newer. `folder` names the column that says how the folder in the media
    bucket is called where files of a row are.
    """

    name: str
    columns: tuple[Column, ...] = ()
    user: tuple[str, ...] = ("user_id", "userId")
    key: str = ""
    part_of: str = ""
    precedence: str = ""
    folder: str = ""

    @property
    def by_source(self) -> Mapping[str, Column]:
        return {column.source: column for column in self.columns}


def text(source: str, name: str = "") -> Column:
    return Column(name or source.lower(), Kind.TEXT, source)


def integer(source: str, name: str = "", *, missing: tuple[float, ...] = ()) -> Column:
    return Column(name or source.lower(), Kind.INTEGER, source, missing)


def number(source: str, name: str = "", *, missing: tuple[float, ...] = ()) -> Column:
    return Column(name or source.lower(), Kind.NUMBER, source, missing)


def timestamp(source: str, name: str = "", *, per_second: int = 1000) -> Column:
    return Column(name or source.lower(), Kind.TIMESTAMP, source, per_second=per_second)


def boolean(source: str, name: str = "") -> Column:
    return Column(name or source.lower(), Kind.BOOLEAN, source)


def lake_name(source: str) -> str:
    """The provider's spelling as SQL can say it; `provider_day` where we use the name ourselves."""
    name = re.sub(r"[^a-z0-9_]+", "_", source.strip().lower()).strip("_") or "unnamed"
    return f"provider_{name}" if name in OURS else name
