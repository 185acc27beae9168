"""One raw object into the lake: its rows in, its unreadable rows quarantined, all accounted for."""

import gzip
import io
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Self, cast

from isal import igzip, isal_zlib
from pyiceberg.catalog import Catalog

from telematics import quarantine, tables
from telematics.catalog import table_name
from telematics.closed import Closed
from telematics.columns import BadRow, Chunk
from telematics.dropping import ClosedMeanwhile, Dropping
from telematics.errors import Busy, DamagedDownload, MalformedPayload
from telematics.loading import Replacement
from telematics.people import Identity
from telematics.raw import RawKey
from telematics.reading import ReadAgain, Reading
from telematics.rows import Reader, reader

BAD_ROWS_AT_ONCE = 1_000
MOST_STARTS = 3  # of a load during which somebody is closed, each time
_BROKEN_GZIP = (EOFError, gzip.BadGzipFile, cast(type[Exception], isal_zlib.error))


@dataclass(frozen=True)
class Loaded:
    """How many rows are in the lake and in quarantine. `unreadable`: why none could be read.

    `dropped` are rows of people whose data may not be kept; `closed` is who of them was found.
    """

    rows: int
    quarantined: int
    unreadable: str = ""
    dropped: int = 0
    closed: frozenset[Identity] = field(default=frozenset(), compare=False, repr=False)


@dataclass
class Load:
    """The tables that one raw object has rows in, opened as they turn up."""

    catalog: Catalog
    database: str
    key: RawKey
    loaded_at: datetime
    dropping: Dropping
    _open: ExitStack = field(default_factory=ExitStack)
    _into: dict[str, Replacement] = field(default_factory=dict)
    _bad: list[BadRow] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def into(self, table: str) -> Replacement:
        if table not in self._into:
            opened = tables.ensure(self.catalog, self.database, table)
            replacement = Replacement(opened, self.key, self.loaded_at)
            self._into[table] = self._open.enter_context(replacement)
        return self._into[table]

    def add(self, dataset: str, chunk: Chunk) -> None:
        kept = self.dropping.kept(dataset, chunk)
        self.into(table_name(self.key.provider, dataset)).add(kept.rows)
        self.add_bad(*kept.bad)

    def add_bad(self, *bad: BadRow) -> None:
        """Few and far between: a batch for each would take more memory than they do."""
        self._bad += bad
        if len(self._bad) >= BAD_ROWS_AT_ONCE:
            self._quarantine()

    def _quarantine(self) -> None:
        self.into(tables.QUARANTINE).add(quarantine.rows(self.key, self._bad))
        self._bad.clear()

    def commit(self) -> Loaded:
        """Quarantine first: a row may for a moment be in neither place, but is never forgotten."""
        self._quarantine()
        quarantined = self.into(tables.QUARANTINE).commit()
        rows = sum(
            replacement.commit()
            for table, replacement in self._into.items()
            if table != tables.QUARANTINE
        )
        dropped, closed = self.dropping.count, frozenset(self.dropping.found)
        return Loaded(rows, quarantined, dropped=dropped, closed=closed)


def load(
    key: RawKey,
    open_object: Callable[[], IO[bytes]],
    *,
    catalog: Catalog,
    database: str,
    loaded_at: datetime,
    closed: Callable[[], Closed] = Closed,
) -> Loaded:
    """Replace what the lake holds of this object. `closed` has a new look at the gate.

    Raises DamagedDownload when its compression is broken: then nothing changes. Where no row at
    all can be read, the object is quarantined and the rows of its last readable version stay.
    Raises Busy where people keep being closed while it is read.
    """

    def attempted(read: Reader, reading: Reading) -> Loaded:
        dropping = Dropping(key.provider, closed())
        with Load(catalog, database, key, loaded_at, dropping) as attempt:
            _fill(attempt, read, open_object, reading)
            if dropping.closed.lacks_any(closed()):
                raise ClosedMeanwhile("somebody's data may no longer be kept")
            return attempt.commit()

    try:
        return _persistently(attempted, reader(key.provider))
    except MalformedPayload as error:
        with Load(catalog, database, key, loaded_at, Dropping(key.provider, Closed())) as nothing:
            nothing.add_bad(BadRow(None, str(error), ""))
            return Loaded(0, nothing.commit().quarantined, str(error))


def _persistently(attempted: Callable[[Reader, Reading], Loaded], read: Reader) -> Loaded:
    """Over again where it must be read in another way, or without others."""
    reading, starts = Reading(), 0
    while True:
        try:
            return attempted(read, reading)
        except ReadAgain as again:
            reading = again.reading
        except ClosedMeanwhile as error:
            starts += 1
            if starts == MOST_STARTS:
                raise Busy(str(error)) from error


def _fill(
    attempt: Load, read: Reader, open_object: Callable[[], IO[bytes]], reading: Reading
) -> None:
    attempt.into(table_name(attempt.key.provider, attempt.key.dataset))
    try:
        with closing(open_object()) as body, _decompressed(attempt.key, body) as stream:
            for dataset, chunk in read(attempt.key, stream, reading):
                attempt.add(dataset, chunk)
    except _BROKEN_GZIP as error:
        raise DamagedDownload(f"{attempt.key.extension}: {error}") from error


def _decompressed(key: RawKey, body: IO[bytes]) -> io.BufferedReader:
    if key.extension.endswith(".gz"):
        plain = igzip.IGzipFile(fileobj=body)  # type: ignore[no-untyped-call]  # has no types
        return cast(io.BufferedReader, plain)  # it can peek as well
    return io.BufferedReader(cast(io.RawIOBase, body), 1 << 18)
