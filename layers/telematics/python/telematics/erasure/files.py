"""Files of a table that only its past needs: deleted for good, every version of them.

A table's past is in its old snapshots, and their lists of files tell the least and the greatest
identifier in each. So for an erasure all of it goes, as do leftovers of loads that never came to an
end; otherwise it goes once it is old enough.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io import FileIO
from pyiceberg.manifest import ManifestContent, ManifestEntry, ManifestFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.utils.datetime import datetime_to_millis

from telematics import commits, merging
from telematics.errors import Busy
from telematics.object_versions import Version, Versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
ATTEMPTS = 20
# Longer than any function may run: what nothing refers to after that, nobody is about to commit.
LEFTOVER = timedelta(minutes=20)
ABANDONED = timedelta(days=1)  # the same where there is no hurry
MOST_SNAPSHOTS = 1_000  # that are older than a day: each makes every commit a little slower
READERS = 8


def is_list(key: str) -> bool:
    """Whether it is a list of data files; a list of such lists tells of days only."""
    name = key.rpartition("/")[2]
    return name.endswith(".avro") and not name.startswith("snap-")


def bounds(path: str, io: FileIO) -> Iterator[bytes]:
    """What a list of files tells of the values in them; nothing of one that is gone."""
    try:
        manifest = ManifestFile.from_args(manifest_path=path, content=ManifestContent.DATA)
        entries = manifest.fetch_manifest_entry(io, discard_deleted=False)
    except FileNotFoundError:
        return
    for entry in entries:
        for bound in (entry.data_file.lower_bounds, entry.data_file.upper_bounds):
            yield from map(bytes, (bound or {}).values())


@dataclass(frozen=True)
class History:
    """The past of one table. `now` is when it ends.

    `remembered` is told of files before the table forgets them, and returns all that it was ever
    told of: whoever takes up what was interrupted would not know of them any more.
    """

    table: Table
    client: "S3Client"
    now: datetime
    remembered: Callable[[set[str]], set[str]]

    def forget(self, seen: Set[str] = frozenset()) -> int:
        """How many versions of files were deleted. Raises Busy where others keep writing.

        `seen` are files in which somebody was found: what nothing refers to of them, nobody will
        commit, since whoever is about to looks at the gate once more.
        """
        found = self._committed(self._expired) | seen
        past = found - set(self._in_use())
        return self._delete(
            lambda path, one, in_use: (
                path in past
                or not one.is_latest
                or (not in_use and one.since < self.now - LEFTOVER)
            )
        )

    def shorten(self, until: datetime) -> int:
        """How many versions of files were deleted that nobody can ask for any more.

        Of the past, that is what was over before `until`. Raises Busy as above. Whoever comes after
        a death finds the rest: what nothing refers to is old enough itself.
        """
        self._committed(partial(self._expire, until))
        return self._delete(
            lambda path, one, in_use: not in_use and one.since < self.now - ABANDONED
        )

    def _committed(self, step: Callable[[], T]) -> T:
        for attempt in range(ATTEMPTS):
            self.table.refresh()
            try:
                return step()
            except (CommitFailedException, ValidationException):
                merging.pause(attempt)
        raise Busy(f"others keep writing to {self.table.name()[-1]}")

    def _expired(self) -> set[str]:
        """The table has no snapshots any more but the current one; what files all of them had."""
        self._leave_out_deleted()
        past = self.remembered(set(self._files_of(self.table.snapshots(), with_deleted=True)))
        current = self.table.current_snapshot()
        self._without(one.snapshot_id for one in self.table.snapshots() if one != current)
        return past

    def _expire(self, until: datetime) -> None:
        """A snapshot is over when the next one is made: any moment since `until` stays there."""
        ordered = sorted(self.table.snapshots(), key=lambda one: one.timestamp_ms)
        ended = [(one.snapshot_id, after.timestamp_ms) for one, after in pairwise(ordered)]
        yesterday = self.now - ABANDONED
        old = {id for id, at in ended if at < datetime_to_millis(until)}
        old |= {id for id, at in ended[:-MOST_SNAPSHOTS] if at < datetime_to_millis(yesterday)}
        self._without(old - {one.snapshot_id for one in self.table.refs().values()})

    def _without(self, ids: Iterable[int]) -> None:
        if old := list(ids):
            self.table.maintenance.expire_snapshots().by_ids(old).commit()

    def _leave_out_deleted(self) -> None:
        """The snapshot that deletes a file still tells what was in it; the next one does not."""
        current = self.table.current_snapshot()
        manifests = current.manifests(self.table.io) if current else []
        if any(one.deleted_files_count for one in manifests):
            with (
                commits.transaction(self.table) as transaction,
                transaction.update_snapshot().fast_append(),
            ):
                pass

    def _in_use(self) -> Iterator[str]:
        self.table.refresh()
        yield self.table.metadata_location
        yield from self._files_of(self.table.snapshots())

    def _files_of(self, snapshots: list[Snapshot], *, with_deleted: bool = False) -> Iterator[str]:
        """`with_deleted`: also those that a snapshot only tells of since it has deleted them."""
        io = self.table.io

        def read(manifest: ManifestFile) -> list[ManifestEntry]:
            return manifest.fetch_manifest_entry(io, discard_deleted=not with_deleted)

        with ThreadPoolExecutor(READERS) as readers:
            listed = readers.map(lambda one: one.manifests(io), snapshots)
            lists = {one.manifest_path: one for some in listed for one in some}
            yield from (one.manifest_list for one in snapshots)
            yield from lists
            for entries in readers.map(read, lists.values()):
                yield from (one.data_file.file_path for one in entries)

    def _delete(self, is_past: Callable[[str, Version, bool], bool]) -> int:
        """Those of which it holds; it is told the path, and whether something refers to it."""
        place = urlsplit(self.table.location())
        versions = Versions(self.client, place.netloc)
        in_use = set(self._in_use())
        found = (
            (f"s3://{place.netloc}/{one.key}", one)
            for one in versions.within(f"{place.path.strip('/')}/")
        )
        return versions.delete(one for path, one in found if is_past(path, one, path in in_use))
