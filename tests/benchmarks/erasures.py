"""People erased from a table of a million rows: `python -m tests.benchmarks.erasures 1000`.

Rows of 5,000 people on 30 days, in an Iceberg table on local files, two files for each day. Erasing
is what the purge does with a table: their rows found and counted, deleted in one commit, and its
past expired with all files that only the past needs. Prints milliseconds of one core's processor
time, how many of these the rows took, and the peak memory in MB.
"""

import json
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.benchmarks.engines import peak_megabytes

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

    from telematics.erasure.persons import Persons

PEOPLE, DAYS, FILES = 5_000, 30, 2  # files of a day, each with rows of everybody
ROWS = 1_000_000 // (DAYS * FILES)  # of a file
FIRST = date(2023, 6, 1)
TABLE = ("telematics", "sentiance_transports")


def fill(table: "Table") -> None:
    """A commit for each file, as an offload makes it."""
    import pyarrow as pa

    schema = table.schema().as_arrow()
    for number in range(DAYS * FILES):
        day = FIRST + timedelta(days=number // FILES)
        start = datetime(day.year, day.month, day.day, number % FILES, tzinfo=UTC)
        cells = {
            "provider_user_id": [identity(row) for row in range(ROWS)],
            "day": [day] * ROWS,
            "raw_key": [f"sentiance/transports/day={day}/transports-{number}.csv.gz"] * ROWS,
            "event_id": [f"{number:04x}{row * 7919 % 99_991:08x}" for row in range(ROWS)],
            "start": [start + timedelta(seconds=row) for row in range(ROWS)],
            "mode": [("CAR", "BUS", "WALKING")[row % 3] for row in range(ROWS)],
            "distance_m": [row * 1.37 for row in range(ROWS)],
        }
        columns = [
            pa.array(cells[one.name], one.type) if one.name in cells else pa.nulls(ROWS, one.type)
            for one in schema
        ]
        table.append(pa.Table.from_arrays(columns, schema=schema))


def identity(number: int) -> str:
    return f"{number % PEOPLE * 7_919:024x}"


def sought(count: int) -> "Persons":
    from telematics.erasure.persons import Person, Persons
    from telematics.people import Identity

    some = [identity(number * (PEOPLE // count)) for number in range(count)]
    names = (frozenset({Identity("sentiance", one)}) for one in some)
    return Persons(tuple(Person(f"subject-{n}", one) for n, one in enumerate(names)))


def erase(catalog: "Catalog", lake: Path, count: int) -> tuple[float, float]:
    """What it took, and what of that the rows."""
    from telematics.erasure.files import History
    from telematics.erasure.rows import Theirs
    from tests.unit.erasure_buckets import FakeBuckets

    client = cast(Any, FakeBuckets(lake))  # a folder as the S3 client that files are deleted with
    began = time.process_time()
    table = catalog.load_table(TABLE)
    theirs = Theirs(table, sought(count))
    found = theirs.found()
    theirs.delete()
    rows = time.process_time() - began
    deleted = History(table, client, datetime.now(UTC), lambda past: past).forget()
    took = time.process_time() - began
    erased = found.rows.total()
    if table.scan().count() + erased != ROWS * DAYS * FILES or deleted < DAYS * FILES or not erased:
        raise SystemExit("not everybody else is left, or nobody is gone")
    return took, rows


def measure(count: int) -> dict[str, float]:
    from telematics import tables
    from tests.unit.erasure_lake import BUCKET, LocalLake

    with tempfile.TemporaryDirectory() as folder:
        lake = LocalLake(Path(folder))
        fill(tables.ensure(lake, *TABLE))
        took, rows = erase(lake, Path(folder) / BUCKET, count)
    return {
        "milliseconds": took * 1000,
        "rows_milliseconds": rows * 1000,
        "peak_megabytes": peak_megabytes(),
    }


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
