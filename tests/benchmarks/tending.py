"""A day rewritten: `python -m tests.benchmarks.tending tend many`, or `plain large 2000`.

Either 10,000 files of 30 rows (`many`), or files of 100,000 rows of 50,000 people that have so many
megabytes together (`large`), in an Iceberg table on local files. `tend` is what the night does with
them, its commit included; `plain` is pyarrow alone, which reads all, sorts it and writes one file.
Prints seconds, of the processor as well, the peak memory and what one person's rows take to be
found, both in MB.
"""

import json
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.engines import peak_megabytes

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Table

PEOPLE = 50_000
DAY = date(2023, 6, 4)
START = datetime(2023, 6, 4, tzinfo=UTC)
TABLE = ("telematics", "sentiance_transports")
MANY, FEW_ROWS, ROWS = 10_000, 30, 100_000
DIFFERENT = 8  # tables of rows: each takes seconds to make up
Measured = dict[str, float]


def fill(table: "Table", megabytes: int) -> None:
    """In one commit: as many files as there are to be, or as many as that takes."""
    from telematics.loading import OpenFile

    columns = {"provider_user_id", "day", "raw_key", "event_id", "start", "distance_m", "mode"}
    with table.transaction() as transaction, transaction.update_snapshot().fast_append() as append:
        count = ROWS if megabytes else FEW_ROWS
        written = number = 0
        while written < megabytes << 20 if megabytes else number < MANY:
            file = OpenFile.create(table, DAY, f"{number}.parquet", columns)
            file.write(_of(number, _rows(file.schema, number % DIFFERENT, count)))
            made = file.finish()
            append.append_data_file(made)
            written, number = written + made.file_size_in_bytes, number + 1


def _of(number: int, rows: "pa.Table") -> "pa.Table":
    """Of the same people, but from another object and with cells of its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chance = pc.random(rows.num_rows, initializer=number)
    key = f"sentiance/transports/day={DAY}/transports-{number}.csv.gz"
    cells = {
        "raw_key": pa.repeat(pa.scalar(key), rows.num_rows),
        "event_id": pc.cast(chance, pa.string()),
        "distance_m": pc.multiply(chance, 1_000),
    }
    for name, cell in cells.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), cell)
    return rows


@cache
def _rows(schema: "pa.Schema", number: int, count: int) -> "pa.Table":
    """Whoever is on the road, in no order; texts that can't be packed well."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chance = pc.random(count, initializer=number)
    people = pc.cast(pc.multiply(chance, PEOPLE), pa.int32(), safe=False).to_pylist()
    moments = [START + timedelta(seconds=one * 17 % 86_400) for one in people]
    cells: dict[str, Any] = {
        "provider_user_id": [f"{7_919 * one:024x}" for one in people],
        "day": [DAY] * count,
        "raw_key": [""] * count,
        "event_id": [""] * count,
        "start": moments,
        "distance_m": [0.0] * count,
        "mode": [("CAR", "BUS", "WALKING")[one % 3] for one in people],
    }
    arrays = [pa.array(cells[one.name], one.type) for one in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def tend(table: "Table", folder: Path) -> list[Path]:
    """The files that the day has then."""
    from telematics.tending import plan
    from telematics.tending.rewriting import Ended, Rewriting

    for work in plan.planned(table, now=datetime.now(UTC), quiet=timedelta(0)):
        ended = Rewriting(table, work, lambda: True).run()
        if ended is not Ended.DONE:
            raise SystemExit(f"it ended {ended}")
    return [Path(one.removeprefix("s3:/" + "/")) for one in sorted(plan.live(table.refresh()))]


def plain(table: "Table", folder: Path) -> list[Path]:
    """All of it at once, in row groups as they come."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(folder.rglob("data/**/*.parquet"))
    rows = pa.concat_tables([pq.read_table(one, partitioning=None) for one in files])
    order = [("provider_user_id", "ascending"), ("start", "ascending")]
    target = folder / "plain.parquet"
    pq.write_table(rows.sort_by(order), target, compression="zstd", compression_level=1)
    return [target]


def found(files: list[Path], rows: int) -> float:
    """Megabytes of the row groups that one person's rows may be in, by their statistics."""
    import pyarrow.parquet as pq

    if sum(pq.ParquetFile(one).metadata.num_rows for one in files) != rows:
        raise SystemExit("not all rows are there")
    somebody = pq.ParquetFile(files[len(files) // 2]).read_row_group(0)["provider_user_id"][0]
    size = 0
    for file in files:
        metadata = pq.ParquetFile(file).metadata
        column = metadata.schema.names.index("provider_user_id")
        for place in range(metadata.num_row_groups):
            group = metadata.row_group(place)
            bounds = group.column(column).statistics
            if bounds.min <= somebody.as_py() <= bounds.max:
                size += sum(
                    group.column(one).total_compressed_size for one in range(group.num_columns)
                )
    return size / 1e6


def measure(engine: str, megabytes: int) -> Measured:
    """The files are made by a process of its own, which takes the memory for it along."""
    from telematics import tables
    from tests.unit.erasure_lake import BUCKET, LocalLake

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if (child := os.fork()) == 0:
            fill(tables.ensure(LocalLake(folder), *TABLE), megabytes)
            os._exit(0)
        os.waitpid(child, 0)
        table = tables.ensure(LocalLake(folder), *TABLE)
        before = sum(one.stat().st_size for one in folder.rglob("*.parquet"))
        rows = table.scan().count()
        began, clock = time.process_time(), time.monotonic()
        files = (tend if engine == "tend" else plain)(table, folder)
        took, wall = time.process_time() - began, time.monotonic() - clock
        peak = peak_megabytes()
        there = [one if one.is_absolute() else folder / one for one in files]
        return {
            "megabytes": before / 1e6,
            "files": len(list((folder / BUCKET).rglob("[0-9]*.parquet"))),
            "seconds": wall,
            "processor_seconds": took,
            "peak_megabytes": peak,
            "one_person_megabytes": found(there, rows),
        }


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    engine, shape, *size = sys.argv[1:]
    measured = measure(engine, int(size[0]) if shape == "large" else 0)
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
