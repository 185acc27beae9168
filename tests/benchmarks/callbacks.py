"""Zendrive's answer of 4 MB, one way to read it: `python -m tests.benchmarks.callbacks flatten`.

A trip of 20,000 points with a collision of 2,000 samples. The floor is orjson without any check;
`flatten` parses, checks and makes the Arrow tables of all seven datasets; `load` is what the lake
gets, commits included, into Iceberg tables on local files. Prints the median of its turns, in
milliseconds of one core's processor time, and the peak memory in MB.
"""

import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from typing import Any

POINTS, SAMPLES = 20_000, 2_000
TURNS = {"floor": 40, "flatten": 40, "load": 5}
SAMPLE = Path(__file__).parent.parent / "payloads" / "zendrive" / "vendors_sample.json"
THERE = timezone(timedelta(hours=-6))
NOW = datetime(2023, 11, 26, tzinfo=UTC)
Json = dict[str, Any]  # Any: JSON of any shape


def body() -> bytes:
    """The vendor's sample with as many points as there may be; the same ones every time."""
    chance = random.Random(1)  # noqa: S311  # nothing is kept secret by it
    answer: Json = json.loads(SAMPLE.read_text())
    trip = answer["trip_info"][1]
    point, sample = trip["raw_gps"][0], trip["collision_info"]["motion"][0]
    trip["raw_gps"] = [
        {
            **point,
            "course": float(chance.randrange(360)),
            "horizontal_accuracy": float(chance.randrange(3, 40)),
            "latitude": round(32.5 + chance.random(), 7),
            "longitude": round(-94 + chance.random(), 7),
            "raw_speed_mps": round(chance.random() * 38, 6),
            **moment(point["timestamp"] + 1000 * number),
        }
        for number in range(POINTS)
    ]
    trip["collision_info"]["motion"] = [
        {"acceleration_R": chance.gauss(0, 0.1), **moment(sample["timestamp"] + 9 * number)}
        for number in range(SAMPLES)
    ]
    return json.dumps(answer, separators=(",", ":")).encode()


def moment(epoch_ms: int) -> Json:
    local = datetime.fromtimestamp(epoch_ms // 1000, THERE)
    return {"timestamp": epoch_ms, "date_time": local.isoformat()}


def floor(sent: bytes, _: Path) -> Callable[[], object]:
    import orjson

    return lambda: orjson.loads(sent)


def flatten(sent: bytes, _: Path) -> Callable[[], object]:
    import pyarrow as pa

    from telematics import merging
    from telematics.columns import ARROW_TYPES
    from telematics.providers.zendrive import rows
    from telematics.providers.zendrive.datasets import DATASETS
    from telematics.raw import RawKey

    key = RawKey("zendrive", "collision_details", date(2023, 11, 24), "answer", "json")
    ours = [("provider_user_id", pa.string()), ("day", pa.date32())]
    schemas = {
        one.name: pa.schema([*ours, *((c.name, ARROW_TYPES[c.kind]) for c in one.columns)])
        for one in DATASETS
    }

    def run() -> dict[str, pa.Table]:
        found = rows.contents(key, sent, NOW)
        parts: dict[str, list[Any]] = {}
        for thing in found.things:
            for name, part in thing.rows.items():
                parts.setdefault(name, []).append(part)
        return {name: merging.flat(part, schemas[name]) for name, part in parts.items()}

    found = {name: table.num_rows for name, table in run().items()}
    if len(found) != 7 or (found["gps_points"], found["motion"]) != (POINTS + 3, SAMPLES):
        raise SystemExit(f"not all of it was read: {found}")
    return run


def load(sent: bytes, folder: Path) -> Callable[[], object]:
    from pyiceberg.catalog.sql import SqlCatalog

    from telematics.merging import Arrival, Merge
    from telematics.providers.zendrive import rows
    from telematics.raw import RawKey

    catalog = SqlCatalog(
        "bench", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}"
    )
    catalog.create_namespace("telematics")
    numbers = iter(range(1_000))

    def run() -> None:
        """Each turn is a newer answer, which replaces all of the one before."""
        number = next(numbers)
        key = RawKey("zendrive", "collision_details", date(2023, 11, 24), f"{number}", "json")
        found = rows.contents(key, sent, NOW + timedelta(minutes=number))
        Merge(catalog, "telematics", NOW).run("zendrive", [Arrival(key, found)])

    run()  # makes the tables
    return run


ENGINES = {one.__name__: one for one in (floor, flatten, load)}


def measure(engine: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        run = ENGINES[engine](body(), Path(folder))
        times = []
        for _ in range(TURNS[engine]):
            began = time.process_time()
            run()
            times.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "milliseconds": median(times) * 1000,
        "peak_megabytes": peak / (1024 if sys.platform == "linux" else 1024**2),
    }


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure(sys.argv[1])) + "\n")


if __name__ == "__main__":
    main()
