"""What of a table is worth rewriting: days that are over, of many files or of unsorted ones.

A day is over when it lies before yesterday and nobody has written to it for a while. What is sorted
already says so by its name; a few late rows beside it wait until they are worth the work.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil, isqrt

from pyiceberg.manifest import DataFile, DataFileContent, ManifestEntry, ManifestFile
from pyiceberg.table import Table

MOST_FILES = 10
FILE_BYTES = 128 << 20
MOST_BYTES = 1 << 30  # that are sorted at once; what is left of a day follows in another part
GROUP_BYTES = 16 << 10  # of a row group; in a smaller one is little to leave out
CHUNK_BYTES = 110  # of the footer, for each column of each row group
COLUMNS = 6  # of so many bytes of a row group a question reads one
LOOSE_PART = 10  # a tenth of a day that is not sorted is worth sorting it
QUIET = timedelta(minutes=30)  # longer than any load
SORTED = "sorted-"
NO_DAY = "none"  # comes after all days
READERS = 16
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Work:
    """Files of one day that become `into` others with the very same rows.

    `day` is None in a table that has no days.
    """

    day: date | None
    files: Sequence[DataFile]
    into: int

    @property
    def name(self) -> str:
        return self.day.isoformat() if self.day else NO_DAY

    @property
    def rows(self) -> int:
        return sum(one.record_count for one in self.files)

    @property
    def bytes(self) -> int:
        return sum(one.file_size_in_bytes for one in self.files)

    def rows_of_group(self, columns: int) -> int:
        """So that the footer is as large as what a question reads of a person's row group.

        What is read for a person is both: it is least, then.
        """
        footer_of_one = columns * CHUNK_BYTES
        size = max(GROUP_BYTES, isqrt(self.bytes // self.into * footer_of_one * COLUMNS))
        return max(1, self.rows * size // max(1, self.bytes))


def planned(table: Table, *, now: datetime, quiet: timedelta = QUIET) -> list[Work]:
    """In the order of days."""
    found = [
        work
        for day, entries in _by_day(table).items()
        if _is_over(day, now) and _last_written(table, entries) <= now - quiet
        for work in _worth_it(day, [one.data_file for one in entries])
    ]
    return sorted(found, key=lambda one: one.name)


def live(table: Table) -> set[str]:
    """The paths of all data files that the table has now."""
    return {one.data_file.file_path for one in _entries(table) if _is_data(one)}


def _by_day(table: Table) -> Mapping[date | None, list[ManifestEntry]]:
    """Without days of which rows were deleted in a way that their files do not show."""
    found: dict[date | None, list[ManifestEntry]] = {}
    left_alone: set[date | None] = set()
    for entry in _entries(table):
        day, spec = _day(entry.data_file), entry.data_file.spec_id
        if not _is_data(entry) or spec != table.metadata.default_spec_id:
            left_alone.add(day)
        found.setdefault(day, []).append(entry)
    return {day: some for day, some in found.items() if day not in left_alone}


def _is_data(entry: ManifestEntry) -> bool:
    return entry.data_file.content is DataFileContent.DATA


def _entries(table: Table) -> Iterator[ManifestEntry]:
    snapshot = table.current_snapshot()

    def read(manifest: ManifestFile) -> list[ManifestEntry]:
        return manifest.fetch_manifest_entry(table.io, discard_deleted=True)

    with ThreadPoolExecutor(READERS) as readers:
        for entries in readers.map(read, snapshot.manifests(table.io) if snapshot else ()):
            yield from entries


def _day(file: DataFile) -> date | None:
    number = file.partition[0] if len(file.partition) else None
    return None if number is None else EPOCH + timedelta(days=number)


def _is_over(day: date | None, now: datetime) -> bool:
    return day is None or day < now.astimezone(UTC).date() - timedelta(days=1)


def _last_written(table: Table, entries: Sequence[ManifestEntry]) -> datetime:
    """What is so old that its snapshot is gone was written long ago."""
    snapshots = (table.metadata.snapshot_by_id(one.snapshot_id or 0) for one in entries)
    newest = max((one.timestamp_ms for one in snapshots if one), default=0)
    return datetime.fromtimestamp(newest / 1000, UTC)


def _worth_it(day: date | None, files: Sequence[DataFile]) -> Iterator[Work]:
    total = sum(one.file_size_in_bytes for one in files)
    loose = [one for one in files if not is_sorted(one)]
    if total > MOST_BYTES:
        yield from (Work(day, part, 1) for part in _parts(loose) if _is_worth_it(part, files))
    elif len(files) > MOST_FILES or (_are_many(loose, files) and not _is_small(files)):
        yield Work(day, files, min(MOST_FILES, max(1, ceil(total / FILE_BYTES))))


def is_sorted(file: DataFile) -> bool:
    return file.file_path.rpartition("/")[2].startswith(SORTED)


def _are_many(loose: Sequence[DataFile], files: Sequence[DataFile]) -> bool:
    """Rows; a file takes some bytes however few it has."""
    rows = sum(one.record_count for one in files)
    return bool(loose) and sum(one.record_count for one in loose) * LOOSE_PART >= rows


def _is_small(files: Sequence[DataFile]) -> bool:
    """It would be read as a whole in whatever order."""
    return len(files) == 1 and files[0].file_size_in_bytes <= GROUP_BYTES


def _parts(loose: Sequence[DataFile]) -> Iterator[Sequence[DataFile]]:
    """Of a day that is too large to be sorted at once."""
    part: list[DataFile] = []
    for file in loose:
        if part and sum(one.file_size_in_bytes for one in (*part, file)) > MOST_BYTES:
            yield part
            part = []
        part.append(file)
    if part:
        yield part


def _is_worth_it(part: Sequence[DataFile], files: Sequence[DataFile]) -> bool:
    """A little is left for another night."""
    size = sum(one.file_size_in_bytes for one in part)
    is_much = len(files) > MOST_FILES or size * LOOSE_PART >= MOST_BYTES
    return is_much and not _is_small(part)
