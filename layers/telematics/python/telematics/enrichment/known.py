"""What the lake has of each person, as a reconciliation needs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import And, BooleanExpression

from telematics.catalog import PROVIDERS, table_name
from telematics.datasets import PERSON
from telematics.enrichment.reconciling import NOTIFIED
from telematics.expressions import at_least, at_most, below
from telematics.sorting import Sorting

MARGIN = timedelta(days=2)  # what began before a period may overlap it
SCHEMA = pa.schema([(PERSON, pa.string()), ("key", pa.string()), ("digest", pa.string())])
Cells: TypeAlias = pa.Array | str | None
Known: TypeAlias = tuple[str, Mapping[str, str]]  # a person, and digests by natural key


@dataclass(frozen=True)
class Lake:
    """Two tables: what was `notified`, and what is there with all its `details`."""

    catalog: Catalog
    database: str
    provider: str
    details: str
    notified: str

    def people(self, folder: Path, *, first: date, last: date, seen_since: date) -> Iterator[Known]:
        """The digest of each thing that the lake has of a period, person by person, in order.

        Everybody is there of whom anything was seen since `seen_since`. Of millions there is no
        room in memory: they are sorted in the folder.
        """
        begin, end = first - MARGIN, last + MARGIN
        key = PROVIDERS[self.provider].dataset(self.details).key
        during = And(at_least("day", begin.isoformat()), at_most("day", end.isoformat()))
        sorting = Sorting(folder, (PERSON,))
        for batch in self._batches(self.notified, during, PERSON, key):
            sorting.add(_rows(batch[PERSON], batch[key], NOTIFIED))
        for batch in self._batches(self.details, during, PERSON, key, "digest"):
            sorting.add(_rows(batch[PERSON], batch[key], batch["digest"]))
        sorting.add(_rows(self._seen(seen_since, begin), None, None))
        return _by_person(sorting.rows())

    def _seen(self, since: date, until: date) -> pa.Array:
        """Each of them once."""
        before = And(at_least("day", since.isoformat()), below("day", until.isoformat()))
        seen: set[str] = set()
        for dataset in (self.notified, self.details):
            for batch in self._batches(dataset, before, PERSON):
                seen.update(batch[PERSON].unique().to_pylist())
        return pa.array(sorted(seen - {None}), pa.string())

    def _batches(
        self, dataset: str, where: BooleanExpression, *columns: str
    ) -> Iterator[pa.RecordBatch]:
        """None of a table that is not there yet: whoever only reads makes none."""
        try:
            table = self.catalog.load_table((self.database, table_name(self.provider, dataset)))
        except NoSuchTableError:
            return
        yield from table.scan(row_filter=where, selected_fields=columns).to_arrow_batch_reader()


def _rows(people: pa.Array, keys: Cells, digests: Cells) -> pa.RecordBatch:
    columns = [_texts(one, len(people)) for one in (people, keys, digests)]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _texts(cells: Cells, count: int) -> pa.Array:
    """One for all of them, where it is one."""
    if isinstance(cells, pa.Array):
        return cells.cast(pa.string())
    return pa.repeat(pa.scalar(cells, pa.string()), count)


def _by_person(sorted_rows: Iterator[pa.Table]) -> Iterator[Known]:
    rows = (row for part in sorted_rows for row in part.to_pylist())
    for person, theirs in groupby(rows, itemgetter(PERSON)):
        things: dict[str, str] = {}
        for row in theirs:
            if row["key"] and things.get(row["key"], NOTIFIED) == NOTIFIED:
                things[row["key"]] = row["digest"]
        if person is not None:
            yield person, things
