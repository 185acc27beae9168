"""What the lake has of each person, as a reconciliation needs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import And, BooleanExpression

from telematics.catalog import PROVIDERS, table_name
from telematics.datasets import PERSON
from telematics.enrichment.reconciling import NOTIFIED
from telematics.expressions import at_least, at_most, below

MARGIN = timedelta(days=2)  # what began before a period may overlap it
Known: TypeAlias = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Lake:
    """Two tables: what was `notified`, and what is there with all its `details`."""

    catalog: Catalog
    database: str
    provider: str
    details: str
    notified: str

    def people(self, *, first: date, last: date, seen_since: date) -> Known:
        """The digest of each thing that the lake has of a period, by person and natural key.

        Everybody is there of whom anything was seen since `seen_since`.
        """
        begin, end = first - MARGIN, last + MARGIN
        key = PROVIDERS[self.provider].dataset(self.details).key
        known: Known = {person: {} for person in self._seen(seen_since, begin)}
        during = And(at_least("day", begin.isoformat()), at_most("day", end.isoformat()))
        for row in self._rows(self.notified, during, PERSON, key):
            known.setdefault(row[PERSON], {}).update({row[key]: NOTIFIED} if row[key] else {})
        for row in self._rows(self.details, during, PERSON, key, "digest"):
            known.setdefault(row[PERSON], {})[row[key]] = row["digest"]
        return known

    def _seen(self, since: date, until: date) -> set[str]:
        before = And(at_least("day", since.isoformat()), below("day", until.isoformat()))
        return {
            person
            for dataset in (self.notified, self.details)
            for batch in self._batches(dataset, before, PERSON)
            for person in batch[PERSON].unique().to_pylist()
        }

    def _rows(
        self, dataset: str, where: BooleanExpression, *columns: str
    ) -> Iterator[dict[str, str]]:
        for batch in self._batches(dataset, where, *columns):
            yield from batch.to_pylist()

    def _batches(
        self, dataset: str, where: BooleanExpression, *columns: str
    ) -> Iterator[pa.RecordBatch]:
        """None of a table that is not there yet: whoever only reads makes none."""
        try:
            table = self.catalog.load_table((self.database, table_name(self.provider, dataset)))
        except NoSuchTableError:
            return
        yield from table.scan(row_filter=where, selected_fields=columns).to_arrow_batch_reader()
