"""Things that have versions, into the lake: of each the latest, whatever order they come in.

What is told again without a change is a version, too: something older may still come. Several
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

from telematics import quarantine, tables
from telematics.catalog import PROVIDERS, table_name
from telematics.columns import BadRow
from telematics.datasets import Dataset
from telematics.errors import Busy
from telematics.expressions import at_least, at_most, one_of
from telematics.raw import RawKey
from telematics.versions import Contents, Row, Thing

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
    def order(self) -> tuple[datetime, str]:
        return self.thing.fetched_at, self.raw_key

    def wins(self, known: Row | None) -> bool:
        """Against what the lake holds; what it has from this very object may be half of it."""
        if known is None or known["raw_key"] == self.raw_key:
            return True
        return self.order > (known["fetched_at"], known["raw_key"])


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
            known = existing(table, dataset.key, offers)
            won = [one for one in offers if one.wins(known.get(one.thing.key))]
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
            known = existing(table, dataset.key, replaced) if replaced else {}
            if self._commit(table, dataset, decided.won, known.keys()):
                return
            pause(attempt)
            table.refresh()
        raise Busy(f"others keep writing to {name}")

    def _commit(
        self, table: Table, dataset: Dataset, won: Sequence[Offer], stale: Iterable[str]
    ) -> bool:
        """False when somebody else has committed since the table was read."""
        rows = [row for one in won for row in self._rows(dataset, one)]
        keys = set(stale)
        days = {one.thing.day.isoformat() for one in won if one.thing.key in keys}
        try:
            replace(
                table, And(one_of("day", days), one_of(dataset.key, keys)) if keys else None, rows
            )
        except (CommitFailedException, ValidationException):
            return False
        return True

    def _rows(self, dataset: Dataset, offer: Offer) -> list[Row]:
        thing = offer.thing
        given = self._given(offer.raw_key) | {"fetched_at": thing.fetched_at}
        if not dataset.part_of:
            given["digest"] = thing.digest
        return [{**row, **given} for row in thing.rows.get(dataset.name, ())]

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


def existing(table: Table, key: str, offers: Sequence[Offer]) -> Mapping[str, Row]:
    """A row of each of these things that the table holds, by natural key.

    Keys that begin with a time let the statistics of most files rule them out.
    """
    keys = [one.thing.key for one in offers]
    days = one_of("day", {one.thing.day.isoformat() for one in offers})
    within = And(days, at_least(key, min(keys)), at_most(key, max(keys)))
    found = table.scan(row_filter=within, selected_fields=(key, "fetched_at", "raw_key")).to_arrow()
    ours = found.filter(pc.is_in(found[key], value_set=pa.array(keys, found[key].type)))
    return {row[key]: row for row in ours.to_pylist()}


def replace(table: Table, stale: BooleanExpression | None, rows: Sequence[Row]) -> None:
    """In one commit: these rows, in place of those that are stale."""
    if not rows and stale is None:
        return
    typed = typed_rows(table, rows)
    with table.transaction() as transaction:
        if stale is not None:
            transaction.delete(stale)
        if rows:
            transaction.append(typed)


def typed_rows(table: Table, rows: Sequence[Row]) -> pa.Table:
    """In the order and types of the table, which gets a column of text for each new name."""
    names = dict.fromkeys(name for row in rows for name in row)
    tables.widen(table, ((name, tables.iceberg_type(pa.string())) for name in names))
    schema = tables.file_schema(table.schema(), set(table.schema().column_names))
    plain = pa.schema([field.remove_metadata() for field in schema])
    columns: list[list[Any]] = [[row.get(name) for row in rows] for name in plain.names]
    arrays = [pa.array(cells, one.type) for cells, one in zip(columns, plain, strict=True)]
    return pa.Table.from_arrays(arrays, schema=plain)


def pause(attempt: int) -> None:
    """Longer after each failure, and never for all of the same length."""
    time.sleep(min(0.05 * 2**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1))  # noqa: S311
