"""Iceberg tables as Arrow datasets: engines read just the days, columns and rows they need."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from pyiceberg.catalog import Catalog
from pyiceberg.io.pyarrow import PyArrowFileIO, schema_to_pyarrow
from pyiceberg.table import FileScanTask
from pyiceberg.table import Table as IcebergTable

from infra.cli.engines.metered import Meter, metered
from infra.cli.engines.scan import Scan, all_of
from infra.cli.target import Deployment
from telematics.datasets import PERSON

PARALLEL = 8
LARGE_FILE_BYTES = 4 << 20
# A small file costs requests, so its columns are read at once; a large one memory, so they are
# streamed: one cell of a trip's waypoints may be 300 kB.
SMALL_FILES = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(pre_buffer=True)
)
LARGE_FILES = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(
        use_buffered_stream=True, buffer_size=1 << 20, pre_buffer=False
    )
)


class Rows(ds.FileSystemDataset):  # type: ignore[misc]  # pyarrow ships no types
    """Arrow would read millions of rows ahead, and wait where nobody can help it."""

    at_once = True
    condition: Any = None  # what all rows must be, whoever asks

    def scanner(
        self, columns: list[str] | None = None, filter: Any = None, **_: Any
    ) -> Scan:  # Arrow's names
        wanted = all_of((self.condition, filter))
        fragments = list(self.get_fragments(filter=wanted))
        return Scan(fragments, self.schema, columns, wanted, self.at_once)


def catalog(deployment: Deployment) -> Catalog:
    """With the credentials that boto3 found: pyarrow's own chain knows fewer ways to sign in."""
    from telematics import lake

    session = deployment.session
    properties = {"client.region": session.region_name}
    if (found := session.get_credentials()) is not None:
        keys = found.get_frozen_credentials()
        properties |= {
            "client.access-key-id": keys.access_key or "",
            "client.secret-access-key": keys.secret_key or "",
        }
        if keys.token:
            properties["client.session-token"] = keys.token
    return lake.catalog(
        lake_bucket=deployment.output("LakeBucket"),
        endpoint_url=deployment.endpoint,
        client=properties,
    )


def load_all(catalog: Catalog, database: str, names: list[str]) -> dict[str, IcebergTable]:
    with ThreadPoolExecutor(PARALLEL) as pool:
        tables = pool.map(lambda name: catalog.load_table((database, name)), names)
        return dict(zip(names, tables, strict=True))


def readable(
    table: IcebergTable, meter: Meter | None = None, condition: Any = None
) -> "ds.Dataset | pa.Table":
    """The rows of which a condition of Arrow's holds, if there is one.

    Nothing is read yet, unless rows were deleted in a way that Parquet can't show.
    """
    meter = meter or Meter()
    tasks = list(table.scan().plan_files())
    if any(task.delete_files for task in tasks):
        for task in tasks:
            meter.count(task.file.file_path, task.file.file_size_in_bytes)
        rows = table.scan().to_arrow()
        return rows if condition is None else rows.filter(condition)
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    if not tasks:
        return ds.dataset(schema.empty_table())
    are_large = max(task.file.file_size_in_bytes for task in tasks) >= LARGE_FILE_BYTES
    files = LARGE_FILES if are_large else SMALL_FILES
    rows = Rows([_fragment(table, task, files, meter) for task in tasks], schema, files)
    rows.at_once, rows.condition = not are_large, condition
    return rows


def _fragment(
    table: IcebergTable, task: FileScanTask, files: ds.ParquetFileFormat, meter: Meter
) -> Any:
    scheme, bucket, path = PyArrowFileIO.parse_location(task.file.file_path)
    io = table.io
    if not isinstance(io, PyArrowFileIO):
        raise TypeError(f"tables are read with pyarrow, not with {type(io).__name__}")
    return files.make_fragment(
        path,
        metered(io.fs_by_scheme(scheme, bucket), meter),
        partition_expression=_guarantee(table, task),
        file_size=task.file.file_size_in_bytes,
    )


def _guarantee(table: IcebergTable, task: FileScanTask) -> Any:
    """What holds for all rows of the file: its `day`, and between whom its people are."""
    holds = _between(table, task)
    for position, field in enumerate(table.specs()[task.file.spec_id].fields):
        name = table.schema().find_column_name(field.source_id)
        value = task.file.partition[position]
        if name is None or str(field.transform) != "identity":
            continue
        of_type = schema_to_pyarrow(table.schema().find_type(name))
        column = ds.field(name)
        holds &= column.is_null() if value is None else column == pa.scalar(value, of_type)
    return holds


def _between(table: IcebergTable, task: FileScanTask) -> Any:
    """By the statistics of the file, which are whole values; of one without them nothing."""
    if PERSON not in table.schema().column_names:
        return ds.scalar(True)
    file, id_ = task.file, table.schema().find_field(PERSON).field_id
    first, last = (file.lower_bounds or {}).get(id_), (file.upper_bounds or {}).get(id_)
    if first is None or last is None or (file.null_value_counts or {}).get(id_) != 0:
        return ds.scalar(True)
    column = ds.field(PERSON)
    return (column >= first.decode()) & (column <= last.decode())
