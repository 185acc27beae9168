"""One engine, one file, one process: `python -m tests.benchmarks.engines convert in.csv.gz`.

Prints the seconds the work took (imports apart), its processor seconds and the peak memory in MB.
"""

import csv
import gzip
import io
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

BLOCK = 1 << 20
ROWS_AT_ONCE = 1_000
DATASETS = {".csv": ("transports", "csv.gz"), ".json": ("driving_insights", "json.gz")}


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
    name, extension = DATASETS[file.suffixes[0]]
    key = RawKey("sentiance", name, date(2023, 6, 4), name, extension)
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


def dlt(file: Path, folder: Path) -> Callable[[], object]:
    """Row by row, into Parquet, as its own examples do it."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.destinations import filesystem

    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=f"{folder}/pipelines",
        destination=filesystem(f"file://{folder}/lake"),
        dataset_name="bench",
    )

    def rows() -> Iterator[list[dict[str, str]]]:
        with gzip.open(file, "rt", newline="") as stream:
            reader = csv.DictReader(stream)
            while some := list(islice(reader, ROWS_AT_ONCE)):
                yield some

    return lambda: pipeline.run(rows(), table_name="transports", loader_file_format="parquet")


def pyarrow_json(file: Path, folder: Path) -> Callable[[], object]:
    """The whole file, everything at its default."""
    import pyarrow.json
    import pyarrow.parquet

    return lambda: pyarrow.parquet.write_table(pyarrow.json.read_json(file), folder / "out.parquet")


def duckdb_json(file: Path, folder: Path) -> Callable[[], object]:
    """COPY from read_json, on one thread."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    return lambda: connection.execute(
        f"COPY (FROM read_json('{file}', format='newline_delimited'))"  # our own paths
        f" TO '{folder}/out.parquet'"
    )


def pandas_json(file: Path, folder: Path) -> Callable[[], object]:
    """The whole file in memory."""
    import pandas

    return lambda: pandas.read_json(file, lines=True).to_parquet(folder / "out.parquet")


ENGINES = {
    engine.__name__: engine
    for engine in (
        *(floor, convert, pyarrow, duckdb, pandas, dlt),
        *(pyarrow_json, duckdb_json, pandas_json),
    )
}


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
