"""Tables of a lake with many files, and what tending makes of them."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.table import Table

from telematics import tables
from telematics.loading import OpenFile
from telematics.tending import plan
from telematics.tending.plan import Work
from telematics.tending.rewriting import Ended, Rewriting
from telematics.tending.steps import Order, Tending, begun
from telematics.users.user import Status
from tests.unit.conftest import DATABASE
from tests.unit.erasure_buckets import FakeBuckets
from tests.unit.erasure_lake import BUCKET, Before, LocalLake, unwatched

DAY = date(2023, 6, 4)
START = datetime(2023, 6, 4, tzinfo=UTC)
NAME = "sentiance_transports"
NO_QUIET = timedelta(0)
FAR_AWAY = 900_000


@dataclass
class FakeGate:
    """Who is closed, and how often somebody looked."""

    marks: dict[str, Status] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None

    def refreshed(self) -> "FakeGate":
        self.before()
        return self


@dataclass
class TendedLake:
    """In `root`. It is `later` than it is."""

    root: Path
    before: Before = unwatched
    gate: FakeGate = field(default_factory=FakeGate)
    later: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.catalog = LocalLake(self.root, lambda change: self.before(change))
        self.s3 = FakeBuckets(self.root / BUCKET)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def table(self, name: str = NAME) -> Table:
        return tables.ensure(self.catalog, DATABASE, name)

    def add(self, *rows: Mapping[str, Any], name: str = NAME) -> None:
        """As a file of its own."""
        self._append(name, [rows])

    def add_files(self, count: int, *, day: date = DAY, name: str = NAME, rows: int = 3) -> None:
        """Of the same few people each, the latest rows first."""
        numbers = range(count, 0, -1)
        self._append(name, [[trip(row, number, day) for row in range(rows)] for number in numbers])

    def _append(self, name: str, files: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        """In one commit."""
        table = self.table(name)
        columns = set(table.schema().column_names)
        with (
            table.transaction() as transaction,
            transaction.update_snapshot().fast_append() as append,
        ):
            for number, rows in enumerate(files):
                made = f"{uuid.uuid4()}-{number}.parquet"
                file = OpenFile.create(table, rows[0].get("day"), made, columns)
                file.write(pa.Table.from_pylist(list(rows), file.schema))
                append.append_data_file(file.finish())

    def planned(self, name: str = NAME, *, quiet: timedelta = NO_QUIET) -> list[Work]:
        return plan.planned(self.table(name), now=self.now, quiet=quiet)

    def rewrite(self, name: str = NAME) -> Ended:
        """The first day that is worth it."""
        return Rewriting(self.table(name), self.planned(name)[0], lambda: True).run()

    @property
    def tending(self) -> Tending:
        client, kept = cast(Any, self.s3), timedelta(days=7)
        return Tending(
            self.catalog, DATABASE, client, cast(Any, self.gate), kept, now=lambda: self.now
        )

    def tend(self, name: str = NAME, *, remaining: Callable[[], int] = lambda: FAR_AWAY) -> Order:
        return self.tending.tend(begun(name, quiet_minutes=0), remaining)

    def files(self, name: str = NAME, day: date = DAY) -> list[str]:
        return sorted(
            task.file.file_path
            for task in self.table(name).scan(row_filter=f"day = '{day}'").plan_files()
        )

    def on_disk(self, ending: str = ".parquet") -> set[str]:
        """All files there are, in use or not."""
        found = (self.root / BUCKET).rglob(f"*{ending}")
        return {f"s3://{one.relative_to(self.root)}" for one in found}

    def opened(self, path: str) -> pq.ParquetFile:
        return pq.ParquetFile(self.root / path.removeprefix("s3://"))


def trip(person: int, number: int, day: date = DAY) -> dict[str, Any]:
    return {
        "provider_user_id": f"user-{person}",
        "day": day,
        "raw_key": f"sentiance/transports/day={day}/{number}.csv.gz",
        "event_id": f"{number}-{person}",
        "start": START + timedelta(minutes=number),
        "distance_m": number * 1.5 if number % 2 else None,
    }


def multiset(table: Table) -> Counter[str]:
    """All rows with all their cells, in whatever order."""
    return Counter(repr(sorted(row.items())) for row in _rows(table))


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    yield from table.scan().to_arrow().to_pylist()
