"""The rows of a day into few sorted files, which take the place of the ones before in one commit.

Whoever else writes is first: where one of the files read is gone from the table meanwhile, what was
written here goes, and nothing has happened.
"""

import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from pathlib import Path

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.types import TimestamptzType

from telematics import commits, merging
from telematics.datasets import PERSON
from telematics.errors import TelematicsError
from telematics.loading import BYTES_PER_GROUP, OpenFile
from telematics.sorting import Sorting
from telematics.tending import plan, reading
from telematics.tending.plan import SORTED, Work

ATTEMPTS = 20
OUR_TIMES = ("loaded_at", "fetched_at", "updated_at")  # not when it happened
LAST_OF_ALL = ("raw_key", "user_id")


class Ended(StrEnum):
    """How it went."""

    DONE = "done"
    OVERTAKEN = "overtaken"  # others have changed the day meanwhile
    FORBIDDEN = "forbidden"  # somebody is being erased


class RowsDiffer(TelematicsError):
    """Not as many rows were written as there were: nothing of it is committed."""


@dataclass
class Rewriting:
    """`may_commit` is asked right before it counts."""

    table: Table
    work: Work
    may_commit: Callable[[], bool]
    _made: list[DataFile] = field(default_factory=list)
    _open: OpenFile | None = None
    _may_be_seen: bool = False

    @property
    def files(self) -> int:
        """How many were written."""
        return len(self._made)

    def run(self) -> Ended:
        """Raises what kept it from its end; the table is as it was, then."""
        with ExitStack() as unfinished:
            unfinished.callback(self._discard)
            try:
                self._write()
            except FileNotFoundError:  # the table had it when this began
                return Ended.OVERTAKEN
            ended = self._commit()
            if ended is Ended.DONE:
                unfinished.pop_all()
            return ended

    def _write(self) -> None:
        schema = reading.schema(self.table, self.work.files)
        with tempfile.TemporaryDirectory() as folder:
            sorting = Sorting(Path(folder), sorted_by(self.table, schema.names))
            for batch in reading.batches(self.table, self.work.files, schema):
                sorting.add(batch)
            rows = self._fill(sorting.rows(), schema)
        if rows != self.work.rows:
            raise RowsDiffer(f"{rows} rows written, {self.work.rows} expected")

    def _fill(self, rows: Iterator[pa.Table], schema: pa.Schema) -> int:
        """How many rows are in the files."""
        most, written = ceil(self.work.rows / self.work.into), uuid.uuid4()
        for group in groups(rows, self.work.rows_of_group(len(schema))):
            if self._open is None:
                name = f"{SORTED}{written}-{len(self._made):05d}.parquet"
                self._open = self._create(name, schema.names)
            self._open.write(group)
            if self._open.rows >= most:
                self._close()
        self._close()
        return sum(one.record_count for one in self._made)

    def _create(self, name: str, columns: Sequence[str]) -> OpenFile:
        """Statistics of columns in no order would rule out nothing, and be half of the footer."""
        by = sorted_by(self.table, columns)
        return OpenFile.create(self.table, self.work.day, name, set(columns), statistics=by)

    def _close(self) -> None:
        if self._open is not None:
            self._made.append(self._open.finish())
            self._open = None

    def _commit(self) -> Ended:
        wanted = {one.file_path for one in self.work.files}
        for attempt in range(ATTEMPTS):
            self.table.refresh()
            if not self.may_commit():
                return Ended.FORBIDDEN
            if self._is_committed():
                return Ended.DONE
            if not wanted <= plan.live(self.table.refresh()):
                return Ended.OVERTAKEN
            merging.pause(attempt)
        return Ended.OVERTAKEN

    def _is_committed(self) -> bool:
        """Where nobody can say, the files stay: what nothing refers to goes after a day."""
        self._may_be_seen = True
        try:
            self._replace()
        except (CommitFailedException, ValidationException):
            self._may_be_seen = False
        return self._may_be_seen

    def _replace(self) -> None:
        with (
            commits.transaction(self.table) as transaction,
            transaction.update_snapshot().overwrite() as overwrite,
        ):
            if not self.table.spec().fields:
                # By its partition pyiceberg would find no file that is to be deleted.
                overwrite.partition_filters[self.table.spec().spec_id] = AlwaysTrue()
            for file in self.work.files:
                overwrite.delete_data_file(file)
            for file in self._made:
                overwrite.append_data_file(file)

    def _discard(self) -> None:
        if self._may_be_seen:
            return
        self._close()
        for file in self._made:
            self.table.io.delete(file.file_path)


def sorted_by(table: Table, names: Sequence[str]) -> list[str]:
    """By person, then by when it happened: the first time that is not ours."""
    times = [
        one.name
        for one in table.schema().fields
        if isinstance(one.field_type, TimestamptzType) and one.name not in OUR_TIMES
    ]
    wanted = (PERSON, *times[:1], *LAST_OF_ALL)
    return [one for one in wanted if one in names]


def groups(rows: Iterator[pa.Table], most_rows: int) -> Iterator[pa.Table]:
    """Of so many rows; of fewer where cells are large."""
    waiting: list[pa.Table] = []
    for part in rows:
        waiting.append(part)
        there = pa.concat_tables(waiting)
        most = max(1, min(most_rows, BYTES_PER_GROUP * there.num_rows // max(1, there.nbytes)))
        while there.num_rows >= most:
            yield there.slice(0, most)
            there = there.slice(most)
        waiting = [there]
    if waiting and waiting[0].num_rows:
        yield waiting[0]
