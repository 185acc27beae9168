"""A read of a table's files for DuckDB: few at a time, and each begun is read to its end.

Reads are counted in Python, so that Arrow's own threads wait for Python. Whoever waits for those
while nobody else may use Python waits for ever: Arrow does, when a scan is begun, and when one that
goes on is dropped. So files are opened, read and left here, in calls that let go of Python.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import pyarrow as pa

PARALLEL = 8
ROWS = 4_096  # a few thousand trips with waypoints are 100 MB
Fragment: TypeAlias = Any  # pyarrow ships no types
Batches: TypeAlias = list[pa.RecordBatch]


def all_of(conditions: Iterable[Any]) -> Any:  # Any: pyarrow ships no types
    """Conditions of Arrow's as one; None is anything."""
    held = [one for one in conditions if one is not None]
    return reduce(lambda one, other: one & other, held) if held else None


@dataclass(frozen=True)
class Scan:
    """As Arrow's own scanner, of `columns` where `condition` holds.

    `at_once`: small files, which cost requests, are read beside each other; large ones cost memory.
    """

    fragments: Sequence[Fragment]
    schema: pa.Schema
    columns: Sequence[str] | None
    condition: Any
    at_once: bool

    def to_reader(self) -> pa.RecordBatchReader:
        names = self.schema.names if self.columns is None else self.columns
        answered = pa.schema([self.schema.field(name) for name in names])
        read = self._beside() if self.at_once else self._one_by_one()
        return pa.RecordBatchReader.from_batches(answered, read)

    def _beside(self) -> Iterator[pa.RecordBatch]:
        ahead: deque[Future[Batches]] = deque()
        with ThreadPoolExecutor(PARALLEL) as pool:
            try:
                for fragment in self.fragments:
                    ahead.append(pool.submit(self._whole, fragment))
                    if len(ahead) == PARALLEL:
                        yield from ahead.popleft().result()
                while ahead:
                    yield from ahead.popleft().result()
            finally:
                for one in ahead:
                    one.cancel()

    def _whole(self, fragment: Fragment) -> Batches:
        return [batch for part in self._parts(fragment) for batch in self._scanned(part)]

    def _one_by_one(self) -> Iterator[pa.RecordBatch]:
        for fragment in self.fragments:
            for part in self._parts(fragment):
                batches = self._scanned(part)
                try:
                    yield from batches
                finally:
                    deque(batches, maxlen=0)  # nothing is left of a row group that is begun

    def _parts(self, fragment: Fragment) -> Sequence[Fragment]:
        """Its row groups, but for those that statistics rule out."""
        fragment.ensure_complete_metadata()
        parts: Sequence[Fragment] = fragment.split_by_row_group(
            filter=self.condition, schema=self.schema
        )
        return parts

    def _scanned(self, part: Fragment) -> Iterator[pa.RecordBatch]:
        scanner = part.scanner(
            schema=self.schema,
            columns=self.columns,
            filter=self.condition,
            batch_size=ROWS,
            batch_readahead=1,
        )
        batches: Iterator[pa.RecordBatch] = scanner.to_batches()
        return batches
