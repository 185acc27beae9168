"""`telematics lake`: what the tables are made of, from Iceberg's own metadata; no data is read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from infra.cli import compaction, console, target
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

app = typer.Typer(no_args_is_help=True, help="Look after the lake's tables.")
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class TableSize:
    """One table, as its newest snapshot has it."""

    table: str
    rows: int
    files: int
    bytes: int
    most_files: int  # of a day before yesterday
    first_day: str | None
    last_day: str | None
    snapshots: int
    newest_load: str | None


@app.command("tables", epilog=examples("lake tables", "lake tables --json"))
def tables(as_json: JsonOption = False, sandbox: SandboxOption = None) -> None:
    """List every table: its rows, files, days, and when it was last loaded."""
    sizes = measure(target.find(sandbox))
    if as_json:
        console.write_json([asdict(one) for one in sizes])
    else:
        show(sizes)


app.command("compact", epilog=compaction.EXAMPLES)(compaction.compact)


@app.callback()
def lake() -> None:
    """Look after the lake's tables."""


def measure(deployment: Deployment) -> list[TableSize]:
    from infra.cli.engines import iceberg

    database = deployment.output("Database")
    catalog = iceberg.catalog(deployment)
    names = sorted(identifier[-1] for identifier in catalog.list_tables(database))
    loaded = iceberg.load_all(catalog, database, names)
    return [size(name, table) for name, table in loaded.items()]


def size(name: str, table: "Table") -> TableSize:
    snapshot = table.current_snapshot()
    files = [task.file for task in table.scan().plan_files()]
    days = [day for file in files for day in _partition(file) if isinstance(day, int)]
    loaded_at = datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else None
    return TableSize(
        table=name,
        rows=sum(file.record_count for file in files),
        files=len(files),
        bytes=sum(file.file_size_in_bytes for file in files),
        most_files=_most_files(days),
        first_day=_day(min(days, default=None)),
        last_day=_day(max(days, default=None)),
        snapshots=len(table.metadata.snapshots),
        newest_load=console.iso(loaded_at) if loaded_at else None,
    )


def _most_files(days: list[int]) -> int:
    """Of the days that are over, which are tended each night."""
    yesterday = (datetime.now(UTC).date() - EPOCH).days - 1
    return max(Counter(day for day in days if day < yesterday).values(), default=0)


def _partition(file: "DataFile") -> Iterator[object]:
    """By day, if at all."""
    return (file.partition[place] for place in range(len(file.partition)))


def _day(number: int | None) -> str | None:
    return None if number is None else (EPOCH + timedelta(days=number)).isoformat()


def show(sizes: list[TableSize]) -> None:
    table = console.table(
        "table", "rows>", "files>", "size>", "most a day>", "days", "snapshots>", "newest load"
    )
    for one in sizes:
        days = f"{one.first_day}..{one.last_day}" if one.first_day else ""
        table.add_row(
            escape(one.table),
            f"{one.rows:,}",
            f"{one.files:,}",
            console.size(one.bytes),
            f"{one.most_files:,}",
            days,
            f"{one.snapshots:,}",
            one.newest_load or "",
        )
    console.out().print(table)
