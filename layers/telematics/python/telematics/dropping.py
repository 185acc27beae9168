"""Rows of people whose data may not be kept: left out while an object is loaded, and counted."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import BytesAhoCorasick

from telematics import closed
from telematics.catalog import PROVIDERS
from telematics.closed import Closed
from telematics.columns import BadRow, Chunk
from telematics.datasets import PERSON
from telematics.errors import TelematicsError
from telematics.people import Identity
from telematics.sifting import Sieve
from telematics.versions import Contents, Rows, Thing

whose = lru_cache(maxsize=4_096)(closed.whose)


class ClosedMeanwhile(TelematicsError):
    """Somebody was closed while an object was read: it is read again, without them."""


@dataclass
class Dropping:
    """While one file is loaded. `found` is who was in it, `count` how many rows of them.

    As a sieve asks, it remembers whom it has seen.
    """

    provider: str
    closed: Closed
    found: set[Identity] = field(default_factory=set)
    count: int = 0

    def kept(self, dataset: str, chunk: Chunk) -> Chunk:
        """What is left of a part of the file."""
        if self.closed.is_empty:
            return chunk
        header = self._header(dataset, chunk.rows.schema.names)
        bad = [one for one in chunk.bad if not self._drops(header, one)]
        return Chunk(self._without(chunk.rows), bad)

    def named(self, identity: Identity) -> str | None:
        subject = self.closed.named(identity)
        if subject:
            self.found.add(identity)
        return subject

    def mentioned(self, content: bytes) -> str | None:
        return self.closed.mentioned(content)

    def may_be_in(self, content: bytes) -> bool:
        return self.closed.may_be_in(content)

    def _without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        theirs = None
        for column, identities in named(self.provider, rows):
            gone = {one for one in identities if self.named(one)}
            if gone:
                ids = pa.array([one.id for one in gone], rows[column].type)
                more = pc.is_in(rows[column], value_set=ids)
                theirs = more if theirs is None else pc.or_(theirs, more)
        if theirs is None:
            return rows
        left = rows.filter(pc.invert(theirs))
        self.count += rows.num_rows - left.num_rows
        return left

    def _header(self, dataset: str, names: Sequence[str]) -> bytes:
        """As the provider spells it."""
        spellings = PROVIDERS[self.provider].dataset(dataset).user
        line = io.StringIO()
        csv.writer(line).writerow([spellings[0] if one == PERSON else one for one in names])
        return line.getvalue().encode()

    def _drops(self, header: bytes, bad: BadRow) -> bool:
        """A row that can't be read may say all the same whose it is."""
        is_json = bad.content[:1] in ("{", "[")
        row = bad.content.encode(errors="replace")
        sieve = Sieve(self.provider, self)
        stream = io.BytesIO(row if is_json else header + row)
        for _ in sieve.records("json" if is_json else "csv", stream):
            pass
        self.count += bool(sieve.removed)
        return bool(sieve.removed)


class Found:
    """Those who were found in a file, as a sieve looks for them: fast, where they are few."""

    def __init__(self, closed: Closed, identities: Iterable[Identity]) -> None:
        self._subjects = {one: closed.named(one) for one in identities}
        self._anywhere = BytesAhoCorasick(sorted(_spellings(self._subjects)))

    def named(self, identity: Identity) -> str | None:
        return self._subjects.get(identity)

    def mentioned(self, content: bytes) -> str | None:
        return None

    def may_be_in(self, content: bytes) -> bool:
        return bool(self._anywhere.find_matches_as_indexes(content))


def _spellings(identities: Iterable[Identity]) -> set[bytes]:
    """As UTF-8, and as a cell of CSV or JSON may have it."""
    ids = {one.id for one in identities}
    spelt = {
        *ids,
        *(id.replace('"', '""') for id in ids),
        *(json.dumps(id)[1:-1] for id in ids),
        *(json.dumps(id, ensure_ascii=False)[1:-1] for id in ids),
    }
    return {one.encode(errors="surrogateescape") for one in spelt}


def may_name(contents: Contents, provider: str, closed: Closed) -> bool:
    """Whether some of them is in there; what makes no rows may name anybody."""
    if contents.unreadable or not contents.things:
        return True
    return any(is_about(one, provider, closed) for one in contents.things)


def is_about(thing: Thing, provider: str, closed: Closed) -> bool:
    """A part of it is enough."""
    return any(
        closed.has(identity)
        for rows in thing.rows.values()
        for _, identities in named(provider, rows)
        for identity in identities
    )


def named(provider: str, rows: "Rows | pa.RecordBatch") -> Iterator[tuple[str, Sequence[Identity]]]:
    """Each column that names people, and whom: once, however many rows are theirs."""
    if isinstance(rows, pa.Table | pa.RecordBatch):
        for column in rows.schema.names:
            by = whose(provider, column)
            if by and pa.types.is_string(rows.schema.field(column).type):
                ids = pc.unique(rows[column]).drop_null().to_pylist()
                yield column, [Identity(by, id) for id in ids]
        return
    for column in dict.fromkeys(name for row in rows for name in row):
        if by := whose(provider, column):
            found = {row.get(column) for row in rows}
            yield column, [Identity(by, id) for id in found if isinstance(id, str) and id]
