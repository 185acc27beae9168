"""What queries read: `python -m tests.benchmarks.queries month`, or `files`.

Of a month of a million trips it prints, for each query, the megabytes of data that were read (what
Athena would charge), of how many files, and the seconds; and how large the csv.gz of one provider's
half of the month are. Or of a day in 10,000 files, asked as it is and tended.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from pyiceberg.catalog import Catalog

from infra.cli import ready
from infra.cli.engines import embedded, statement
from tests.benchmarks.month import DATABASE, Month

DAY = date(2023, 6, 20).isoformat()
SOMEBODY = "driver-7"
ONE_DAY = {"from": DAY, "to": DAY}
ALL_DAYS = {"from": "2023-06-01", "to": "2023-06-30"}
COUNTED = "select mode, count(*), sum(distance_m) from sentiance_transports group by mode"
QUERIES: Mapping[str, str] = {
    "a day: trips_per_day": ready.named("trips_per_day").filled(ONE_DAY),
    "a day: transport_modes": ready.named("transport_modes").filled(ONE_DAY),
    "a day: late_trips": ready.named("late_trips").filled(ONE_DAY),
    "a day of a user: points_of_trip": ready.named("points_of_trip").filled(
        {"day": DAY, "user": SOMEBODY}
    ),
    "a user: data_footprint": ready.named("data_footprint").filled({"user": SOMEBODY, **ALL_DAYS}),
    "a user: their trips": f"select * from trips where user_id = '{SOMEBODY}'"  # noqa: S608
    " and day between date '2023-06-01' and date '2023-06-30'",
    "a month: trips_per_day": ready.named("trips_per_day").filled(ALL_DAYS),
}
Measured = dict[str, object]


def asked(sql: str, catalog: Catalog) -> Measured:
    began = time.process_time()
    answer = embedded.answer(statement.parse(sql, {}, database=DATABASE), catalog, DATABASE)
    rows = sum(1 for _ in answer.rows)
    took = time.process_time() - began
    read = answer.work
    if read is None:
        raise SystemExit("nobody counted what was read")
    return {"rows": rows, "megabytes": read.bytes / 1e6, "files": read.files, "seconds": took}


def of_a_month() -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder))
        month.fill()
        month.tend()
        yield {"query": "csv.gz", "megabytes": month.offload_bytes / 1e6}
        for name, sql in QUERIES.items():
            yield {"query": name, **asked(sql, month.catalog)}


def of_many_files() -> Iterator[Measured]:
    from tests.benchmarks.tending import TABLE, fill

    with tempfile.TemporaryDirectory() as folder:
        month = Month(Path(folder))
        fill(month.catalog.load_table(TABLE), 0)
        yield {"query": "a day in 10,000 files", **asked(COUNTED, month.catalog)}
        month.tend()
        yield {"query": "the same day, tended", **asked(COUNTED, month.catalog)}


PARTS = {"month": of_a_month, "files": of_many_files}


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found = list(PARTS[sys.argv[1]]())
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
