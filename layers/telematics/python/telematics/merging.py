"""Things that have versions, into the lake: of each the latest, whatever order they come in.

What is told again without a change is a version, too: something older may still come. What tells
more wins over what tells less, where a dataset has a column that says so. Several
writers may merge at once: a commit counts only if nobody else has committed to the table since it
was read; otherwise what is there is read again. Parts follow the thing they belong to, which is
committed first: where it is absent, so are its parts.
"""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import And, BooleanExpression
from pyiceberg.table import Table

from telematics import columns, commits, quarantine, tables
from telematics.catalog import PROVIDERS, table_name
from telematics.columns import BadRow
from telematics.datasets import Dataset
from telematics.errors import Busy
from telematics.expressions import at_least, at_most, one_of
from telematics.raw import RawKey
from telematics.versions import Contents, Row, Rows, Thing

ATTEMPTS = 20
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Arrival:
    """A raw object, read."""

    key: RawKey
    contents: Contents


@dataclass(frozen=True)
class Offer:
    """A version of a thing, and the raw object it is from."""

    thing: Thing
    raw_key: str

    @property
    def order(self) -> tuple[int, datetime, str]:
        return self.thing.precedence, self.thing.fetched_at, self.raw_key

    def wins(self, known: Row | None, precedence: str) -> bool:
        """Against what the lake holds; what it has from this very object may be half of it."""
        if known is None or known["raw_key"] == self.raw_key:
            return True
        there = (known.get(precedence) or 0, known["fetched_at"], known["raw_key"])
        return self.order > there


@dataclass(frozen=True)
class Outcome:
    """What was taken over, and which of it replaced something."""

    won: Sequence[Offer] = ()
    replaced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Merge:
    """Raw objects of one provider into its tables."""

    catalog: Catalog
    database: str
    loaded_at: datetime

    def run(self, provider: str, arrivals: Sequence[Arrival]) -> None:
        self._set_aside(arrivals)
        offers = newest(arrivals)
        outcomes: dict[str, Outcome] = {}
        for dataset in PROVIDERS[provider].datasets:
            name = table_name(provider, dataset.name)
            if dataset.part_of:
                self._follow(name, dataset, outcomes[dataset.part_of])
            else:
                mine = [one for one in offers if one.thing.dataset == dataset.name]
                outcomes[dataset.name] = self._decide(name, dataset, mine)

    def _set_aside(self, arrivals: Sequence[Arrival]) -> None:
        """What can't be read, in place of what could not be read of these objects before."""
        table = tables.ensure(self.catalog, self.database, tables.QUARANTINE)
        ours = And(
            one_of("day", {one.key.day.isoformat() for one in arrivals}),
            one_of("raw_key", {str(one.key) for one in arrivals}),
        )
        is_stale = any(table.scan(row_filter=ours).plan_files())
        rows = [row for one in arrivals for row in self._bad_rows(one)]
        if is_stale or rows:
            replace(table, ours if is_stale else None, rows)

    def _bad_rows(self, arrival: Arrival) -> list[Row]:
        bad = [BadRow(one.place, one.reason, one.content) for one in arrival.contents.unreadable]
        given = self._given(str(arrival.key)) | {"day": arrival.key.day}
        return [{**row, **given} for row in quarantine.rows(arrival.key, bad).to_pylist()]

    def _decide(self, name: str, dataset: Dataset, offers: Sequence[Offer]) -> Outcome:
        if not offers:
            return Outcome()
        table = tables.ensure(self.catalog, self.database, name)
        for attempt in range(ATTEMPTS):
            known = existing(table, dataset, offers)
            won = [one for one in offers if one.wins(known.get(one.thing.key), dataset.precedence)]
            replaced = frozenset(one.thing.key for one in won if one.thing.key in known)
            if not won or self._commit(table, dataset, won, replaced):
                return Outcome(won, replaced)
            pause(attempt)
            table.refresh()
        raise Busy(f"others keep writing to {name}")

    def _follow(self, name: str, dataset: Dataset, decided: Outcome) -> None:
        if not decided.won:
            return
        table = tables.ensure(self.catalog, self.database, name)
        replaced = [one for one in decided.won if one.thing.key in decided.replaced]
        for attempt in range(ATTEMPTS):
            known = existing(table, dataset, replaced) if replaced else {}
            if self._commit(table, dataset, decided.won, known.keys()):
                return
            pause(attempt)
            table.refresh()
        raise Busy(f"others keep writing to {name}")

    def _commit(
        self, table: Table, dataset: Dataset, won: Sequence[Offer], stale: Iterable[str]
    ) -> bool:
        """False when somebody else has committed since the table was read."""
        rows = [self._rows(dataset, one) for one in won]
        keys = set(stale)
        days = {one.thing.day.isoformat() for one in won if one.thing.key in keys}
        try:
            replace(
                table, And(one_of("day", days), one_of(dataset.key, keys)) if keys else None, *rows
            )
        except (CommitFailedException, ValidationException):
            return False
        return True

    def _rows(self, dataset: Dataset, offer: Offer) -> Rows:
        thing = offer.thing
        given = self._given(offer.raw_key) | {"fetched_at": thing.fetched_at}
        if not dataset.part_of:
            given["digest"] = thing.digest
        rows = thing.rows.get(dataset.name, ())
        if isinstance(rows, pa.Table):
            return columns.beside(rows, given)
        return [{**row, **given} for row in rows]

    def _given(self, raw_key: str) -> dict[str, object]:
        return {"raw_key": raw_key, "loaded_at": self.loaded_at}


def newest(arrivals: Iterable[Arrival]) -> list[Offer]:
    """Of each thing that several objects tell of, the latest version."""
    found: dict[tuple[str, str], Offer] = {}
    for arrival in arrivals:
        for thing in arrival.contents.things:
            offer, place = Offer(thing, str(arrival.key)), (thing.dataset, thing.key)
            if place not in found or offer.order >= found[place].order:
                found[place] = offer
    return list(found.values())


def existing(table: Table, dataset: Dataset, offers: Sequence[Offer]) -> Mapping[str, Row]:
    """A row of each of these things that the table holds, by natural key.

    Keys that begin with a time let the statistics of most files rule them out.
    """
    key = dataset.key
    keys = [one.thing.key for one in offers]
    days = one_of("day", {one.thing.day.isoformat() for one in offers})
    within = And(days, at_least(key, min(keys)), at_most(key, max(keys)))
    decisive = [one for one in ("fetched_at", "raw_key", dataset.precedence) if one]
    found = table.scan(row_filter=within, selected_fields=(key, *decisive)).to_arrow()
    ours = found.filter(pc.is_in(found[key], value_set=pa.array(keys, found[key].type)))
    # A thing may have thousands of rows, all of one version.
    first = ours.group_by(key, use_threads=False).aggregate([(one, "first") for one in decisive])
    return {row[key]: row for row in first.rename_columns([key, *decisive]).to_pylist()}


def replace(table: Table, stale: BooleanExpression | None, *rows: Rows) -> None:
    """In one commit: these rows, in place of those that are stale."""
    parts = [one for one in rows if len(one)]
    if not parts and stale is None:
        return
    typed = typed_rows(table, parts)
    with commits.transaction(table) as transaction:
        if stale is not None:
            transaction.delete(stale)
        if parts:
            transaction.append(typed)


def typed_rows(table: Table, parts: Sequence[Rows]) -> pa.Table:
    """In the order and types of the table, which gets a column of text for each new name."""
    names = dict.fromkeys(name for one in parts for name in _names(one))
    tables.widen(table, ((name, tables.iceberg_type(pa.string())) for name in names))
    schema = tables.file_schema(table.schema(), set(table.schema().column_names))
    return flat(parts, pa.schema([field.remove_metadata() for field in schema]))


def _names(rows: Rows) -> Iterable[str]:
    if isinstance(rows, pa.Table):
        return list(rows.column_names)
    return dict.fromkeys(name for row in rows for name in row)


def flat(parts: Sequence[Rows], plain: pa.Schema) -> pa.Table:
    """All of them as one table. What is one already stays as it is."""
    tabular = [_of_table(one, plain) for one in parts if isinstance(one, pa.Table)]
    rows = [row for one in parts if not isinstance(one, pa.Table) for row in one]
    return pa.concat_tables([_of_rows(rows, plain), *tabular])


def _of_rows(rows: Sequence[Row], plain: pa.Schema) -> pa.Table:
    columns: list[list[Any]] = [[row.get(name) for row in rows] for name in plain.names]
    arrays = [pa.array(cells, one.type) for cells, one in zip(columns, plain, strict=True)]
    return pa.Table.from_arrays(arrays, schema=plain)


def _of_table(rows: pa.Table, plain: pa.Schema) -> pa.Table:
    arrays = [
        rows[one.name].cast(one.type)
        if one.name in rows.column_names
        else pa.nulls(rows.num_rows, one.type)
        for one in plain
    ]
    return pa.Table.from_arrays(arrays, schema=plain)


def pause(attempt: int) -> None:
    """Longer after each failure, and never for all of the same length."""
    time.sleep(min(0.05 * 2**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1))  # noqa: S311
