"""Files of a table that only its past needs: deleted for good, every version of them.

A table's past is in its old snapshots, and their lists of files tell the least and the greatest
identifier in each. So all of it goes, as do leftovers of loads that never came to an end.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io import FileIO
from pyiceberg.manifest import ManifestContent, ManifestFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from telematics import merging
from telematics.errors import Busy
from telematics.object_versions import Versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS = 20
# Longer than any function may run: what nothing refers to after that, nobody is about to commit.
LEFTOVER = timedelta(minutes=20)


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
        past = self._committed(self._expired) | seen
        return self._delete(past - set(self._in_use()))

    def _committed(self, step: Callable[[], set[str]]) -> set[str]:
        for attempt in range(ATTEMPTS):
            self.table.refresh()
            try:
                return step()
            except CommitFailedException:
                merging.pause(attempt)
        raise Busy(f"others keep writing to {self.table.name()[-1]}")

    def _expired(self) -> set[str]:
        """The table has no snapshots any more but the current one; what files all of them had."""
        self._leave_out_deleted()
        past = self.remembered(set(self._files_of(self.table.snapshots())))
        current = self.table.current_snapshot()
        if old := [one for one in self.table.snapshots() if one != current]:
            ids = [one.snapshot_id for one in old]
            self.table.maintenance.expire_snapshots().by_ids(ids).commit()
        return past

    def _leave_out_deleted(self) -> None:
        """The snapshot that deletes a file still tells what was in it; the next one does not."""
        current = self.table.current_snapshot()
        manifests = current.manifests(self.table.io) if current else []
        if any(one.deleted_files_count for one in manifests):
            with (
                self.table.transaction() as transaction,
                transaction.update_snapshot().fast_append(),
            ):
                pass

    def _in_use(self) -> Iterator[str]:
        self.table.refresh()
        yield self.table.metadata_location
        yield from self._files_of(self.table.snapshots())

    def _files_of(self, snapshots: list[Snapshot]) -> Iterator[str]:
        lists: set[str] = set()
        for snapshot in snapshots:
            yield snapshot.manifest_list
            for manifest in snapshot.manifests(self.table.io):
                if manifest.manifest_path in lists:
                    continue
                lists.add(manifest.manifest_path)
                yield manifest.manifest_path
                for entry in manifest.fetch_manifest_entry(self.table.io, discard_deleted=False):
                    yield entry.data_file.file_path

    def _delete(self, past: set[str]) -> int:
        """Those of the past, and whatever nothing refers to and is not new."""
        place = urlsplit(self.table.location())
        versions = Versions(self.client, place.netloc)
        in_use = set(self._in_use())
        return versions.delete(
            one
            for one in versions.within(f"{place.path.strip('/')}/")
            if self._is_past(f"s3://{place.netloc}/{one.key}", one.since, past, in_use)
            or not one.is_latest
        )

    def _is_past(self, path: str, since: datetime, past: set[str], in_use: set[str]) -> bool:
        return path in past or (path not in in_use and since < self.now - LEFTOVER)
