"""Rows into a table: all those of one raw object replaced at once, seen only when committed."""

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io.pyarrow import ParquetFormatWriter
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import Table
from pyiceberg.table.locations import load_location_provider

from telematics import commits, merging, tables
from telematics.datasets import OURS
from telematics.errors import Busy
from telematics.raw import RawKey

ROWS_PER_GROUP = 25_000
BYTES_PER_GROUP = 8 << 20
ROWS_PER_FILE = 1_000_000
ATTEMPTS = 20


@dataclass
class Replacement:
    """All rows of one raw object in one table, written as they come and committed together.

    Leave its `with` block without a commit and the files written so far are removed; not so where
    the answer to a commit was lost, for it may have come to be.
    """

    table: Table
    key: RawKey
    loaded_at: datetime
    rows: int = 0
    _waiting: list[pa.RecordBatch] = field(default_factory=list)
    _waiting_rows: int = 0
    _waiting_bytes: int = 0
    _columns: set[str] = field(default_factory=lambda: set(OURS))
    _open: "OpenFile | None" = None
    _files: list[DataFile] = field(default_factory=list)
    _may_be_seen: bool = False
    _names: Iterator[str] = field(default_factory=lambda: _file_names())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._may_be_seen:
            self._discard()

    def add(self, rows: pa.RecordBatch) -> None:
        if rows.num_rows == 0:
            return
        if self._waiting and self._waiting[0].schema != rows.schema:
            self._write()
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        self._waiting_bytes += rows.nbytes
        if self._waiting_rows >= ROWS_PER_GROUP or self._waiting_bytes >= BYTES_PER_GROUP:
            self._write()

    def commit(self) -> int:
        """Make the rows visible in place of those this object had before; how many they are.

        What was there may have been moved to other files since it was looked for: then it is looked
        for again. Raises Busy where that never ends.
        """
        self._write()
        self._close()
        for attempt in range(ATTEMPTS):
            self._may_be_seen = True
            try:
                self._replace()
            except CommitFailedException:
                self._may_be_seen = False
                raise
            except ValidationException:
                self._may_be_seen = False
                merging.pause(attempt)
            else:
                return self.rows
        raise Busy(f"others keep rewriting {self.table.name()[-1]}")

    def _replace(self) -> None:
        stale = any(self.table.refresh().scan(row_filter=self._ours()).plan_files())
        if stale or self._files:
            with commits.transaction(self.table) as transaction:
                if stale:
                    transaction.delete(self._ours())
                with transaction.update_snapshot().fast_append() as append:
                    for file in self._files:
                        append.append_data_file(file)

    def _ours(self) -> str:
        key = str(self.key).replace("'", "''")
        return f"day = '{self.key.day.isoformat()}' AND raw_key = '{key}'"

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = pa.Table.from_batches(self._waiting)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        file = self._file_for(rows.schema)
        file.write(self._complete(rows, file.schema))
        self.rows += rows.num_rows
        if file.rows >= ROWS_PER_FILE:
            self._close()

    def _file_for(self, schema: pa.Schema) -> "OpenFile":
        """The open file, or a new one where columns turn up that it does not have.

        A column that none of the rows has is left out of the file, where it costs more than it
        tells; one that nobody declared is added to the table.
        """
        if self._open is not None and set(schema.names) <= set(self._open.schema.names):
            return self._open
        self._close()
        self._columns |= set(schema.names)
        tables.widen(self.table, ((one.name, tables.iceberg_type(one.type)) for one in schema))
        self._open = OpenFile.create(self.table, self.key.day, next(self._names), self._columns)
        return self._open

    def _complete(self, rows: pa.Table, schema: pa.Schema) -> pa.Table:
        """The rows in the order and types of the table, with what we know of the whole object."""
        given: Mapping[str, Any] = dict(
            zip(OURS, (None, self.key.day, str(self.key), self.loaded_at), strict=True)
        )
        arrays = [
            rows[column.name].cast(column.type)
            if column.name in rows.column_names
            else pa.repeat(pa.scalar(given.get(column.name), column.type), rows.num_rows)
            for column in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    def _close(self) -> None:
        if self._open is not None:
            self._files.append(self._open.finish())
            self._open = None

    def _discard(self) -> None:
        if self._open is not None:
            self._files.append(self._open.finish())
        for file in self._files:
            self.table.io.delete(file.file_path)


def _file_names() -> Iterator[str]:
    load = uuid.uuid4()
    return (f"{load}-{number:05d}.parquet" for number in itertools.count())


class Writer(ParquetFormatWriter):
    """pyiceberg's own, which has no option for the columns that get statistics: None is all.

    Nor for a footer without Arrow's schema, which may be a third of it.
    """

    def __init__(self, table: Table, path: str, statistics: Sequence[str] | None) -> None:
        metadata = table.metadata
        without = set(metadata.schema().column_names) - set(statistics) if statistics else ()
        untold = {f"write.metadata.metrics.column.{one}": "none" for one in without}
        super().__init__(table.io.new_output(path), metadata.schema(), metadata.properties | untold)
        self._parquet_writer_kwargs["store_schema"] = False  # Parquet's own says it all
        if statistics:
            self._parquet_writer_kwargs["write_statistics"] = list(statistics)


@dataclass
class OpenFile:
    """A data file that is being written, row group by row group."""

    table: Table
    path: str
    partition: PartitionKey
    schema: pa.Schema
    writer: Writer
    rows: int = 0

    @classmethod
    def create(
        cls,
        table: Table,
        day: date | None,
        name: str,
        columns: Set[str],
        statistics: Sequence[str] | None = None,
    ) -> Self:
        """Of the day that a table is partitioned by, if it is."""
        metadata = table.metadata
        spec = metadata.spec()
        partition = PartitionKey(
            [PartitionFieldValue(one, day) for one in spec.fields], spec, metadata.schema()
        )
        locations = load_location_provider(metadata.location, metadata.properties)
        path = locations.new_data_location(name, partition if spec.fields else None)
        schema = tables.file_schema(metadata.schema(), columns)
        return cls(table, path, partition, schema, Writer(table, path, statistics))

    def write(self, rows: pa.Table) -> None:
        self.writer.write(rows)
        self.rows += rows.num_rows

    def finish(self) -> DataFile:
        statistics = self.writer.close()
        return DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=self.path,
            file_format=FileFormat.PARQUET,
            partition=self.partition.partition,
            file_size_in_bytes=len(self.table.io.new_input(self.path)),
            sort_order_id=None,
            spec_id=self.table.metadata.default_spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )
