"""One engine, one file, one process: `python -m tests.benchmarks.engines convert in.csv.gz`.

Prints the seconds the work took (imports apart), its processor seconds and the peak memory in MB.
"""

import io
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

BLOCK = 1 << 20


def floor(file: Path, _: Path) -> Callable[[], object]:
    """ISA-L decompression and nothing else."""
    from isal import igzip

    def run() -> None:
        with igzip.open(file) as stream:  # type: ignore[no-untyped-call]  # isal has no types
            while stream.read(BLOCK):
                pass

    return run


def convert(file: Path, folder: Path) -> Callable[[], object]:
    """What the function of that name does, into an Iceberg table on local files, committed."""
    from pyiceberg.catalog.sql import SqlCatalog

    from telematics.convert import load
    from telematics.raw import RawKey

    catalog = SqlCatalog(
        "bench", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}"
    )
    catalog.create_namespace("telematics")
    key = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
    return lambda: load(
        key,
        lambda: io.FileIO(file),
        catalog=catalog,
        database="telematics",
        loaded_at=datetime.now(UTC),
    )


def pyarrow(file: Path, folder: Path) -> Callable[[], object]:
    """Streaming, everything at its default."""
    import pyarrow.csv
    import pyarrow.parquet

    def run() -> None:
        reader = pyarrow.csv.open_csv(file)
        with pyarrow.parquet.ParquetWriter(folder / "out.parquet", reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)

    return run


def duckdb(file: Path, folder: Path) -> Callable[[], object]:
    """COPY from read_csv, on one thread."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    return lambda: connection.execute(
        f"COPY (FROM read_csv('{file}')) TO '{folder}/out.parquet'"  # our own paths
    )


def pandas(file: Path, folder: Path) -> Callable[[], object]:
    """The whole file in memory."""
    import pandas

    return lambda: pandas.read_csv(file).to_parquet(folder / "out.parquet")


ENGINES = {engine.__name__: engine for engine in (floor, convert, pyarrow, duckdb, pandas)}


def peak_megabytes() -> float:
    """Of this program alone: what `getrusage` says may come from the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


def main(engine: str, file: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(dir=Path(file).parent) as folder:
        run = ENGINES[engine](Path(file), Path(folder))
        wall, processor = time.perf_counter(), time.process_time()
        run()
        measured = {
            "seconds": time.perf_counter() - wall,
            "processor_seconds": time.process_time() - processor,
            "peak_megabytes": peak_megabytes(),
        }
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
