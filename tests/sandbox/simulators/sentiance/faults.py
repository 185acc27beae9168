"""What can go wrong at the provider, as tests ask for it through the simulator's own routes.

    POST   /_simulator/faults   one fault or a list of them: {"fault": "busy", "count": 2}
    GET    /_simulator/faults   those in force, with what is left of their counts
    DELETE /_simulator/faults   all of them, or ?fault=busy: those of a kind

A fault without more holds everywhere until it is cleared. It can be limited with "type"
("transports", or OFFLOAD_TYPE_TRANSPORTS), "day" ("2023-06-04"), "count" (it strikes so often) and,
where it says so, "at". A list is of many: a fault of requests with a type or a day is not for it.

fault               strikes                      options and their defaults
------------------  ---------------------------  ----------------------------------------------
slow                requests; "at" *             seconds 0.1 for each bytes 16384 (of an answer of
                                                 the API: once)
busy                requests; "at" *             status 429, seconds 1 in Retry-After, or as a date
                                                 with date_form true
broken              requests; "at" *             status 500
hang                requests; "at" *             seconds 3600 of silence (a download: after bytes 0)
missing_scope       "at" list, link              the key has lost the scope that is needed
refusal             "at" list, link              a GraphQL error in a 200: message, code
null_link           links                        made, and null all the same
expired_link        links, or downloads          bytes 0: expired from birth; else the connection is
                                                 cut after so many and the link is good no longer
cut                 downloads                    the connection, after bytes 1000 (of the answer)
wrong_size          sizes told; "at" list, link  bytes 100 too many (or, negative, too few)
duplicate_listing   offloads in a list           each twice, with each of its files twice
unknown_type        days *                       an offload more, of OFFLOAD_TYPE_TRIP_CARBON
several_files       offloads *                   parts 3: transports, transports_1...; or all of
                                                 one name, with same_name true
corrupt_gzip        downloads                    one bit in the middle
truncated_gzip      downloads                    its last quarter is missing
zero_bytes          downloads                    nothing at all, not even gzip's own
empty_file          downloads                    no row; header true, or else not even that
multi_member        downloads                    gzip members: parts 3, cut in the middle of rows
shuffled_header     downloads                    the columns in another order
extra_column        downloads                    one that nobody has documented: signal_quality
bad_rows            downloads                    each of rows 10, the first being bad; spoil "cells"
                                                 (one missing, one too many), "number" (a word
                                                 where one belongs) or "both"
huge_cell           downloads                    the first row's long cell has bytes 300000
quoted_newlines     downloads                    in each row's long cell
scientific_epoch    downloads                    1.68787E+12 (csv only)

*: "at" is list, link or download, and without it all three. unknown_type and several_files have no
count. What is wrong in a file is also in its listed size and in the truth, and is right again after
"count" downloads from its first byte. Types without such a cell, number or epoch stay as they are.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tests.sandbox.simulators.sentiance.files import catalog

Stage: TypeAlias = Literal["list", "link", "download"]


class Kind(StrEnum):
    """What goes wrong."""

    SLOW = "slow"
    BUSY = "busy"
    BROKEN = "broken"
    HANG = "hang"
    MISSING_SCOPE = "missing_scope"
    REFUSAL = "refusal"
    NULL_LINK = "null_link"
    EXPIRED_LINK = "expired_link"
    CUT = "cut"
    WRONG_SIZE = "wrong_size"
    DUPLICATE_LISTING = "duplicate_listing"
    UNKNOWN_TYPE = "unknown_type"
    SEVERAL_FILES = "several_files"
    CORRUPT_GZIP = "corrupt_gzip"
    TRUNCATED_GZIP = "truncated_gzip"
    ZERO_BYTES = "zero_bytes"
    EMPTY_FILE = "empty_file"
    MULTI_MEMBER = "multi_member"
    SHUFFLED_HEADER = "shuffled_header"
    EXTRA_COLUMN = "extra_column"
    BAD_ROWS = "bad_rows"
    HUGE_CELL = "huge_cell"
    QUOTED_NEWLINES = "quoted_newlines"
    SCIENTIFIC_EPOCH = "scientific_epoch"


OPTIONS: Mapping[Kind, Mapping[str, object]] = {
    Kind.SLOW: {"seconds": 0.1, "bytes": 16_384, "at": None},
    Kind.BUSY: {"status": 429, "seconds": 1, "date_form": False, "at": None},
    Kind.BROKEN: {"status": 500, "at": None},
    Kind.HANG: {"seconds": 3_600, "bytes": 0, "at": None},
    Kind.MISSING_SCOPE: {"at": None},
    Kind.REFUSAL: {"message": "the request was refused", "code": "BAD_USER_INPUT", "at": None},
    Kind.EXPIRED_LINK: {"bytes": 0},
    Kind.CUT: {"bytes": 1_000},
    Kind.WRONG_SIZE: {"bytes": 100, "at": None},
    Kind.SEVERAL_FILES: {"parts": 3, "same_name": False},
    Kind.EMPTY_FILE: {"header": True},
    Kind.MULTI_MEMBER: {"parts": 3},
    Kind.BAD_ROWS: {"rows": 10, "spoil": "both"},
    Kind.HUGE_CELL: {"bytes": 300_000},
}
WITHOUT_COUNT = frozenset({Kind.UNKNOWN_TYPE, Kind.SEVERAL_FILES})
IN_FILES = frozenset(list(Kind)[list(Kind).index(Kind.CORRUPT_GZIP) :])


def _known(name: str) -> str:
    short = catalog.short_name(name)
    if short not in catalog.BY_NAME:
        raise ValueError(f"there is no type {name!r}")
    return short


# "transports", also where it was given as OFFLOAD_TYPE_TRANSPORTS.
OffloadType: TypeAlias = Annotated[str, AfterValidator(_known)]


class Fault(BaseModel):
    """One of them, as the table says; options that it doesn't have are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Kind
    type: OffloadType | None = None
    day: date | None = None
    count: int | None = Field(default=None, ge=1)
    at: Stage | None = None
    seconds: float = Field(default=0, ge=0)
    bytes: int = 0
    rows: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)
    status: int = Field(default=500, ge=400, le=599)
    message: str = ""
    code: str = ""
    spoil: Literal["cells", "number", "both"] = "both"
    date_form: bool = False
    same_name: bool = False
    header: bool = True

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, given: Any) -> Any:  # Any: pydantic hands over whatever came
        if not isinstance(given, dict) or given.get("fault") not in set(Kind):
            return given  # the fields will say what is wrong
        kind = Kind(given["fault"])
        limits = {"fault", "type", "day"} | (set() if kind in WITHOUT_COUNT else {"count"})
        options = OPTIONS.get(kind, {})
        if strange := sorted(set(given) - limits - set(options)):
            raise ValueError(f"{kind} has no {', '.join(strange)}")
        return {**options, **given}

    def holds(self, offload_type: str | None, day: date | None) -> bool:
        return self.type in (None, offload_type) and self.day in (None, day)


class Where(NamedTuple):
    """What is being asked for; a list is of all types and of many days."""

    at: Stage
    offload_type: str | None = None
    day: date | None = None


@dataclass
class _Entry:
    fault: Fault
    left: int | None


class Faults:
    """Those in force. Requests are answered in several threads."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._entries.extend(_Entry(fault, fault.count) for fault in faults)

    def clear(self, kind: Kind | None = None) -> None:
        with self._lock:
            self._entries = [one for one in self._entries if kind not in (None, one.fault.fault)]

    def told(self) -> list[dict[str, object]]:
        with self._lock:
            left = [one.fault.model_copy(update={"count": one.left}) for one in self._entries]
        return [one.model_dump(mode="json", exclude_unset=True, exclude_none=True) for one in left]

    def strike(self, kind: Kind, where: Where, *, from_birth: bool | None = None) -> Fault | None:
        """The fault that strikes here and now, which counts. `from_birth`: with no bytes before."""
        with self._lock:
            for entry in self._entries:
                fault = entry.fault
                is_meant = fault.fault is kind and from_birth in (None, fault.bytes == 0)
                if is_meant and fault.at in (None, where.at) and fault.holds(*where[1:]):
                    self._spend(entry)
                    return fault
        return None

    def in_force(self, kinds: Collection[Kind], offload_type: str, day: date) -> tuple[Fault, ...]:
        """Without counting."""
        with self._lock:
            found = (entry.fault for entry in self._entries if entry.fault.fault in kinds)
            return tuple(fault for fault in found if fault.holds(offload_type, day))

    def spend(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            for fault in faults:
                entry = next((one for one in self._entries if one.fault == fault), None)
                if entry:
                    self._spend(entry)

    def _spend(self, entry: _Entry) -> None:
        if entry.left is not None:
            entry.left -= 1
            if entry.left == 0:
                self._entries.remove(entry)
