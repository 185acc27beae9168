"""Rows in the order of some columns, however many they are: what has no room in memory is on disk.

As many as have room are sorted and written as a run; then all runs are read together, and what is
not greater than the least of what ends the batches at hand is next.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

RUN_BYTES = 96 << 20
BATCH_BYTES = 1 << 20  # of each run at a time
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
Cell: TypeAlias = tuple[bool, str | int]
Place: TypeAlias = tuple[Cell, ...]  # where a row belongs


@dataclass
class Sorting:
    """`folder` is for runs, and somebody else's to remove. Rows without a cell come last."""

    folder: Path
    columns: Sequence[str]
    run_bytes: int = RUN_BYTES
    _waiting: list[pa.RecordBatch] = field(default_factory=list)
    _bytes: int = 0
    _runs: list[Path] = field(default_factory=list)

    def add(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        if self._bytes >= self.run_bytes:
            self._spill()

    def rows(self) -> Iterator[pa.Table]:
        """All of them, in parts that follow each other."""
        if not self._runs:
            if self._waiting:
                yield self._in_order()
            return
        if self._waiting:
            self._spill()
        pa.default_memory_pool().release_unused()
        with ExitStack() as opened:
            runs = [Run(opened.enter_context(pa.OSFile(str(one))), self) for one in self._runs]
            yield from self._merged(runs)

    def place(self, rows: pa.RecordBatch, number: int) -> Place:
        """Comparable as Arrow compares: text by its UTF-8, moments by their number."""
        return tuple(_cell(rows[name][number]) for name in self.columns)

    def _in_order(self) -> pa.Table:
        rows = pa.Table.from_batches(self._waiting)
        self._waiting, self._bytes = [], 0
        return self._sorted(rows)

    def _sorted(self, rows: pa.Table) -> pa.Table:
        keys = [(name, "ascending") for name in self.columns]
        return rows.take(pc.sort_indices(rows, sort_keys=keys)).combine_chunks()

    def _spill(self) -> None:
        rows = self._in_order()
        self._runs.append(self.folder / f"run-{len(self._runs)}.arrow")
        at_once = max(1, BATCH_BYTES * rows.num_rows // max(1, rows.nbytes))
        with pa.ipc.new_stream(str(self._runs[-1]), rows.schema, options=_PACKED) as run:
            run.write_table(rows, max_chunksize=at_once)

    def _merged(self, runs: Sequence["Run"]) -> Iterator[pa.Table]:
        while left := [one for one in runs if not one.is_over]:
            limit = min(one.last for one in left)
            parts = [part for one in left if (part := one.up_to(limit)).num_rows]
            yield self._sorted(pa.Table.from_batches(parts))


class Run:
    """A sorted run, read batch by batch: `batch` is what is left of the one at hand."""

    batch: pa.RecordBatch
    last: Place

    def __init__(self, file: pa.OSFile, sorting: Sorting) -> None:
        self.is_over = False
        self._batches = iter(pa.ipc.open_stream(file))
        self._sorting = sorting
        self._next()

    def up_to(self, limit: Place) -> pa.RecordBatch:
        """Its next rows that belong nowhere behind the limit."""
        batch = self.batch
        count = self._count(batch, limit)
        if count == batch.num_rows:
            self._next()
        else:
            self.batch = batch.slice(count)
        return batch.slice(0, count)

    def _next(self) -> None:
        found = next(self._batches, None)
        self.is_over = found is None
        if found is not None:
            self.batch, self.last = found, self._sorting.place(found, found.num_rows - 1)

    def _count(self, batch: pa.RecordBatch, limit: Place) -> int:
        return bisect_right(
            range(batch.num_rows), limit, key=lambda row: self._sorting.place(batch, row)
        )


def _cell(cell: pa.Scalar) -> Cell:
    if not cell.is_valid:
        return True, ""
    is_moment = pa.types.is_timestamp(cell.type)
    return False, cell.value if is_moment else cell.as_py()
