"""Commits to tables that have a long past: each takes as long as it changes much, nearly.

pyiceberg works out what a table is to be whenever it looks at it, some twenty times in a commit,
and copies all of its snapshots each time: of a thousand that is seconds. Here it works it out once,
and copies of a table's metadata share the snapshots, which never change.
"""

from typing import Any

from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot, SnapshotLogEntry
from pyiceberg.table.update import TableUpdate


def _itself(shared: Any, memo: object) -> Any:  # Any: either of the two, both frozen
    return shared


for _frozen in (Snapshot, SnapshotLogEntry):
    _frozen.__deepcopy__ = _itself  # type: ignore[assignment]  # as a function has it


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
