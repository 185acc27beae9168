"""Somebody's rows of one table of the lake, as Parquet and as CSV: a few files at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from pyiceberg.expressions import AlwaysFalse
from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow

from infra.cli.exporting.archive import Archive

if TYPE_CHECKING:
    from pyiceberg.table import FileScanTask, Table

    from telematics.erasure.rows import Theirs

BYTES_AT_ONCE = 32 << 20  # of data files, most of whose rows are somebody else's
ROWS_PER_GROUP = 25_000
BYTES_PER_GROUP = 8 << 20


@dataclass(frozen=True)
class Exported:
    """What there is of them in one table."""

    table: str
    rows: int
    columns: tuple[str, ...]


def added(archive: Archive, theirs: "Theirs") -> Exported | None:
    """None where there is nothing."""
    schema = schema_to_pyarrow(theirs.table.schema(), include_field_ids=False)
    with TemporaryFile() as parquet, TemporaryFile() as text:
        count = _write(_groups(_batches(theirs), schema), schema, parquet, text)
        if not count:
            return None
        for file, kind in ((parquet, "parquet"), (text, "csv")):
            file.seek(0)
            place = f"lake/{theirs.name}.{kind}"
            archive.add(place, file, compressed=kind == "parquet")
    return Exported(theirs.name, count, tuple(schema.names))


def _write(
    groups: Iterable[pa.Table], schema: pa.Schema, parquet: IO[bytes], text: IO[bytes]
) -> int:
    count = 0
    with (
        pq.ParquetWriter(parquet, schema, compression="zstd") as as_parquet,
        pc.CSVWriter(text, schema) as as_text,
    ):
        for group in groups:
            as_parquet.write_table(group)
            as_text.write_table(group)
            count += group.num_rows
    return count


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """As large as a row group of Parquet should be."""
    waiting: list[pa.Table] = []
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]).cast(schema))
        rows, size = (sum(getattr(one, name) for one in waiting) for name in ("num_rows", "nbytes"))
        if rows >= ROWS_PER_GROUP or size >= BYTES_PER_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _batches(theirs: "Theirs") -> Iterator[pa.RecordBatch]:
    """pyiceberg would read all files at once."""
    chosen = theirs.predicate()
    if isinstance(chosen, AlwaysFalse):
        return
    table: Table = theirs.table
    scan = table.scan(row_filter=chosen)
    reader = ArrowScan(table.metadata, table.io, scan.projection(), chosen)
    for some in _pieces(scan.plan_files()):
        yield from (one for one in reader.to_record_batches(some) if one.num_rows)


def _pieces(tasks: "Iterable[FileScanTask]") -> "Iterator[list[FileScanTask]]":
    piece: list[FileScanTask] = []
    for task in tasks:
        piece.append(task)
        if sum(one.file.file_size_in_bytes for one in piece) >= BYTES_AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece
