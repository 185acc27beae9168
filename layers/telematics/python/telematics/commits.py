"""Commits to tables that have a long past: each takes as long as it changes much, nearly.

pyiceberg works out what a table is to be whenever it looks at it, some twenty times in a commit,
and copies all of its snapshots each time: of a thousand that is seconds. Here it works it out once,
and copies of a table's metadata share the snapshots, which never change. It reads the table once
more to commit, of a thousand snapshots another 10 MB: where its metadata is still the same file,
what was read last is taken.
"""

from typing import Any

from pyiceberg.io import InputFile
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot, SnapshotLogEntry
from pyiceberg.table.update import TableUpdate
from pyiceberg.typedef import UTF8


def _itself(shared: Any, memo: object) -> Any:  # Any: either of the two, both frozen
    return shared


for _frozen in (Snapshot, SnapshotLogEntry):
    _frozen.__deepcopy__ = _itself  # type: ignore[assignment]  # as a function has it


class _LastRead:
    """The metadata of one table, by its file, which nobody ever writes again."""

    def __init__(self) -> None:
        self._read = FromInputFile.table_metadata
        self._last: tuple[str, TableMetadata] | None = None

    def __call__(self, input_file: InputFile, encoding: str = UTF8) -> TableMetadata:
        last = self._last
        if last is not None and last[0] == input_file.location:
            return last[1]
        self._last = last = None  # never two of them
        metadata = self._read(input_file, encoding)
        self._last = input_file.location, metadata
        return metadata


FromInputFile.table_metadata = _LastRead()  # type: ignore[method-assign]


class _Remembering(Transaction):
    """What it is to be changes only with what it is, and with what is to be changed."""

    _seen: tuple[TableMetadata, tuple[TableUpdate, ...], TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        now, updates = self._table.metadata, self._updates
        if self._seen is None or self._seen[0] is not now or self._seen[1] is not updates:
            self._seen = now, updates, super().table_metadata
        return self._seen[2]


def transaction(table: Table) -> Transaction:
    """As the table's own."""
    return _Remembering(table)
