"""Answers of a provider's API in raw: several in one object, each exactly as it came."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from telematics.moments import stamp
from telematics.raw import Provenance, RawKey

if TYPE_CHECKING:
    from telematics.raw import StoredObject, Zone

EXTENSION = "json.gz"
MOST_BYTES = 8 << 20  # of answers in one object


@dataclass(frozen=True)
class Entry:
    """One answer, which is JSON. `asked` names the call, `trip` what it was about if it was one."""

    asked: str
    fetched_at: datetime
    body: bytes
    trip: str | None = None


class Kept(msgspec.Struct):
    """An entry as it lies in raw; `answer` is the body, byte for byte."""

    asked: str
    fetched_at: datetime
    answer: msgspec.Raw
    trip: str | None = None


_kept = msgspec.json.Decoder(list[Kept])


def packed(entries: Sequence[Entry]) -> bytes:
    """The same bytes for the same answers."""
    kept = [Kept(one.asked, one.fetched_at, msgspec.Raw(one.body), one.trip) for one in entries]
    return gzip.compress(msgspec.json.encode(kept), compresslevel=3, mtime=0)


def unpacked(plain: bytes) -> list[Kept]:
    """Raises msgspec.DecodeError. `plain` is already decompressed."""
    return _kept.decode(plain)


def store(
    zone: "Zone",
    *,
    provider: str,
    dataset: str,
    day: date,
    identity: str,
    entries: Sequence[Entry],
) -> "StoredObject":
    key = RawKey(provider, dataset, day, identity, EXTENSION)
    newest = max(one.fetched_at for one in entries)
    return zone.put(key, packed(entries), Provenance(fetched_at=stamp(newest)))


def store_parts(
    zone: "Zone",
    *,
    provider: str,
    dataset: str,
    day: date,
    identity: str,
    entries: Iterable[Entry],
) -> None:
    """In as many objects as it takes, numbered behind their identity."""
    for number, part in enumerate(_parts(entries)):
        store(
            zone,
            provider=provider,
            dataset=dataset,
            day=day,
            identity=f"{identity}-{number}",
            entries=part,
        )


def _parts(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Each small enough to be loaded in memory, unless a single answer is larger."""
    part: list[Entry] = []
    for entry in entries:
        if part and sum(len(one.body) for one in part) + len(entry.body) > MOST_BYTES:
            yield part
            part = []
        part.append(entry)
    if part:
        yield part
