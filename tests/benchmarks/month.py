"""A lake with a month of a million trips, half of Sentiance and half of MOVE.

Sentiance's come in csv.gz and through our own loading; MOVE's, in files as small as merges leave
them, are written by our own writer. One trip in ten has points. All of it is tended as by night.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from isal import igzip
from pyiceberg.catalog.sql import SqlCatalog

from telematics import tables
from telematics.catalog import PROVIDERS, table_name
from telematics.convert import load
from telematics.loading import OpenFile
from telematics.raw import RawKey
from telematics.tending import plan
from telematics.tending.rewriting import Ended, Rewriting
from tests.benchmarks import offload_file

DATABASE = "telematics"
FIRST, DAYS = date(2023, 6, 1), 30
TRIPS = 1_000_000
A_DAY = TRIPS // DAYS // 2  # of each of the two
PEOPLE = A_DAY // 3
WITH_POINTS, POINTS, WAYPOINTS = 10, 90, 20  # one trip in so many has so many of them
FILES_OF_A_DAY = 100  # before it is tended
Tables = Mapping[str, Any]  # Any: pyiceberg's


@dataclass
class Month:
    """In a folder; `offload_bytes` is how large the csv.gz were that half of it came in."""

    folder: Path
    offload_bytes: int = 0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def __post_init__(self) -> None:
        uri, warehouse = f"sqlite:///{self.folder}/catalog.db", f"file://{self.folder}/lake"
        self.catalog = SqlCatalog("month", uri=uri, warehouse=warehouse)
        self.catalog.create_namespace(DATABASE)
        self.people = offload_file.hex_ids(self.random, PEOPLE, 12)
        for provider in PROVIDERS.values():
            for one in provider.datasets:
                tables.ensure(self.catalog, DATABASE, table_name(provider.name, one.name))
        for name in (tables.USERS, tables.QUARANTINE):
            tables.ensure(self.catalog, DATABASE, name)

    @property
    def days(self) -> Iterator[date]:
        return (FIRST + timedelta(days=number) for number in range(DAYS))

    def fill(self) -> None:
        self._link()
        for day in self.days:
            self._load(day)
            self._notify(day)

    def tend(self) -> None:
        for _, name in self.catalog.list_tables(DATABASE):
            table = self.catalog.load_table((DATABASE, name))
            for work in plan.planned(table, now=datetime.now(UTC), quiet=timedelta(0)):
                if Rewriting(table, work, lambda: True).run() is not Ended.DONE:
                    raise SystemExit(f"{name} could not be tended")

    def _link(self) -> None:
        """Whoever drives is one of our users, with both providers."""
        now = datetime.now(UTC)
        rows = [
            {
                "user_id": f"driver-{number}",
                "provider": provider,
                "provider_user_id": person,
                "status": "active",
                "since": now,
                "updated_at": now,
            }
            for number, person in enumerate(self.people.to_pylist())
            for provider in ("sentiance", "move")
        ]
        self._write(tables.USERS, None, [pa.Table.from_pylist(rows)])

    def _load(self, day: date) -> None:
        """The trips of a day, as their provider sends them."""
        rows = offload_file.rows(self.random, self.people, A_DAY)
        ways = [self._way() if one % WITH_POINTS == 0 else None for one in range(A_DAY)]
        rows = rows.append_column("waypoints", pa.array(ways))
        plain = offload_file.as_csv(rows, header=True, quoted=True)
        packed = igzip.compress(plain, compresslevel=1)
        self.offload_bytes += len(packed)
        key = RawKey("sentiance", "transports", day, "transports", "csv.gz")
        load(
            key,
            lambda: io.BytesIO(packed),
            catalog=self.catalog,
            database=DATABASE,
            loaded_at=datetime.now(UTC),
        )

    def _way(self) -> str:
        places = self.random.random((WAYPOINTS, 2)).round(5).tolist()
        moment = "2023-06-04T12:00:00.000+02:00"
        points = [
            {"latitude": 50 + north, "longitude": 4 + east, "timestamp": moment}
            for north, east in places
        ]
        return json.dumps({"waypoints": points})

    def _notify(self, day: date) -> None:
        """Items and points of a day: what was merged first is in the first files."""
        begin = datetime.combine(day, datetime.min.time(), UTC).timestamp()
        starts = np.sort(self.random.integers(0, 80_000, A_DAY)) + int(begin)
        people = self.people.take(pa.array(self.random.integers(0, PEOPLE, A_DAY)))
        ids = pa.array([f"{at}-1000-{who}" for at, who in zip(starts, people, strict=True)])
        items = pa.table(
            {
                "provider_user_id": people,
                "trip_id": ids,
                "start_ts": _moments(starts),
                "end_ts": _moments(starts + 900),
                "type": pa.array(["DRIVING", "WALKING"]).take(pa.array(starts % 2)),
                "distance": pa.array(self.random.random(A_DAY) * 20_000),
                "max_speed": pa.array(self.random.random(A_DAY) * 130),
                "average_speed": pa.array(self.random.random(A_DAY) * 60),
                "start_lat": pa.array(47 + self.random.random(A_DAY)),
                "start_lon": pa.array(15 + self.random.random(A_DAY)),
                "end_lat": pa.array(47 + self.random.random(A_DAY)),
                "end_lon": pa.array(15 + self.random.random(A_DAY)),
                "digest": offload_file.hex_ids(self.random, A_DAY, 16),
            }
        )
        self._write("move_timeline_items", day, _parts(items))
        chosen = np.repeat(np.arange(0, A_DAY, WITH_POINTS), POINTS)
        count = len(chosen)
        moments = starts[chosen] + np.tile(np.arange(POINTS) * 10, count // POINTS)
        points = pa.table(
            {
                "provider_user_id": people.take(pa.array(chosen)),
                "trip_id": ids.take(pa.array(chosen)),
                "timestamp": _moments(moments),
                "lat": pa.array(47 + self.random.random(count)),
                "lon": pa.array(15 + self.random.random(count)),
                "speed": pa.array(self.random.random(count) * 130),
                "speed_limit": pa.array(self.random.integers(3, 14, count) * 10.0),
            }
        )
        self._write("move_points", day, _parts(points))

    def _write(self, name: str, day: date | None, parts: list[pa.Table]) -> None:
        """Each part is a file."""
        table = self.catalog.load_table((DATABASE, name))
        given = {"day": day, "raw_key": f"move/x/day={day}/x.json.gz"} if day else {}
        names = {*parts[0].column_names, *given}
        with table.transaction() as change, change.update_snapshot().fast_append() as append:
            for number, part in enumerate(parts):
                file = OpenFile.create(table, day, f"{name}-{day}-{number}.parquet", names)
                arrays = [
                    part[one.name].cast(one.type)
                    if one.name in part.column_names
                    else pa.repeat(pa.scalar(given.get(one.name), one.type), part.num_rows)
                    for one in file.schema
                ]
                file.write(pa.Table.from_arrays(arrays, schema=file.schema))
                append.append_data_file(file.finish())


def _moments(seconds: Any) -> pa.Array:  # Any: of numpy's many types
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", "UTC"))


def _parts(rows: pa.Table) -> list[pa.Table]:
    size = -(-rows.num_rows // FILES_OF_A_DAY)
    return [rows.slice(begin, size) for begin in range(0, rows.num_rows, size)]
