"""Data files as batches of rows, in the columns that their table has now; few bytes at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from telematics import tables
from telematics.datasets import OURS
from telematics.errors import TelematicsError

READERS = 8
SMALL_BYTES = 4 << 20  # a small file costs requests, so it is read at once; a large one memory
BATCH_BYTES = 4 << 20
MOST_ROWS = 8_192
_BUFFER_BYTES = 1 << 20
_FIELD_ID = b"PARQUET:field_id"
T = TypeVar("T")


class CellsLeftOut(TelematicsError):
    """A file has cells of a column that it was to have none of: nothing of it is rewritten."""


def schema(table: Table, files: Sequence[DataFile]) -> pa.Schema:
    """Of columns that some row has a cell of, beside ours; others cost more than they tell."""
    fields = table.schema().fields
    told = {id for one in files for id in _told(one)}
    names = {one.name for one in fields if one.field_id in told or one.name in OURS}
    if any(one.column_sizes is None for one in files):
        names = {one.name for one in fields}
    return tables.file_schema(table.schema(), names)


def _told(file: DataFile) -> Iterator[int]:
    """Its columns, but for those of which statistics say that they are empty: few have any."""
    counts, nulls = file.value_counts or {}, file.null_value_counts or {}
    return (id for id in file.column_sizes or () if id not in counts or nulls.get(id) != counts[id])


def batches(table: Table, files: Sequence[DataFile], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """All rows of all files, whatever their order."""
    known = {one.field_id for one in table.schema().fields}
    small = [one for one in files if one.file_size_in_bytes <= SMALL_BYTES]

    def read(file: DataFile) -> pa.Buffer:
        with table.io.new_input(file.file_path).open() as stream:
            return pa.py_buffer(stream.read())

    for body in _ahead(read, small):
        yield from _rows(pq.ParquetFile(pa.BufferReader(body)), schema, known)
    for file in files:
        if file.file_size_in_bytes > SMALL_BYTES:
            with table.io.new_input(file.file_path).open() as stream:
                parquet = pq.ParquetFile(stream, buffer_size=_BUFFER_BYTES, pre_buffer=False)
                yield from _rows(parquet, schema, known)


def _ahead(read: Callable[[DataFile], T], files: Iterable[DataFile]) -> Iterator[T]:
    """Some are asked for while the one before is worked on."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(READERS) as readers:
        for file in files:
            waiting.append(readers.submit(read, file))
            if len(waiting) == READERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _rows(parquet: pq.ParquetFile, schema: pa.Schema, known: Set[int]) -> Iterator[pa.RecordBatch]:
    """A column is known by its id, as it may have been renamed since."""
    names = {_id(one): one.name for one in parquet.schema_arrow}
    wanted = [names.get(_id(one)) for one in schema]
    there = [one for one in wanted if one is not None]
    left_out = [name for id, name in names.items() if id in known and name not in there]
    at_once = _rows_at_once(parquet.metadata)
    for batch in parquet.iter_batches(at_once, columns=[*there, *left_out]):
        if any(batch[name].null_count < batch.num_rows for name in left_out):
            raise CellsLeftOut(f"one of {', '.join(left_out)} is not empty")
        arrays = [
            pa.nulls(batch.num_rows, one.type) if name is None else batch[name].cast(one.type)
            for name, one in zip(wanted, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _id(field: pa.Field) -> int:
    return int(field.metadata[_FIELD_ID])


def _rows_at_once(metadata: pq.FileMetaData) -> int:
    """One cell may be hundreds of kilobytes."""
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    size: int = sum(one.total_byte_size for one in groups)
    rows: int = metadata.num_rows
    return max(1, min(MOST_ROWS, BATCH_BYTES * rows // max(1, size)))
