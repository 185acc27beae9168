"""A file system to read from, that counts what is really read of each file.

A statement looks at a table several times, through one view or another. What was read once of it is
kept while there is room, and neither read nor counted again.

Arrow finds a file's footer in the last 64 kB, which are most of what a person's day in a table is
read for. Of these the footer alone is read: where it begins is told by the last eight bytes.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any, NoReturn, TypeAlias

import pyarrow as pa
from pyarrow import fs

ROOM = 32 << 20  # bytes
FOOTER_ENDS = 8  # bytes: its length, and four letters
Part: TypeAlias = tuple[int, pa.Buffer]  # of a file, from some byte on


class Meter:
    """Bytes that came out of files, and how many files there were."""

    def __init__(self) -> None:
        self.bytes = 0
        self.paths: set[str] = set()
        self._kept: dict[str, list[Part]] = {}
        self._room = ROOM
        self._lock = Lock()

    @property
    def files(self) -> int:
        return len(self.paths)

    def count(self, path: str, read: int) -> None:
        with self._lock:
            self.bytes += read
            self.paths.add(path)

    def keep(self, path: str, begin: int, read: pa.Buffer) -> None:
        with self._lock:
            if read.size <= self._room:
                self._room -= read.size
                self._kept.setdefault(path, []).append((begin, read))

    def kept(self, path: str, begin: int, size: int) -> pa.Buffer | None:
        with self._lock:
            for first, there in self._kept.get(path, ()):
                if first <= begin and begin + size <= first + there.size:
                    return there.slice(begin - first, size)
        return None


class _Counted:
    """A file that Arrow reads from, as Python has files."""

    def __init__(self, file: pa.NativeFile, path: str, meter: Meter) -> None:
        self._file, self._path, self._meter = file, path, meter
        self._end: int = file.size()

    def read(self, size: int = -1) -> bytes:
        return bytes(self.read_buffer(size))

    def read_buffer(self, size: int = -1) -> pa.Buffer:
        begin = self._file.tell()
        end = min(begin + size, self._end) if size >= 0 else self._end
        is_footer = size > FOOTER_ENDS and end == self._end
        read = self._footer(end - begin) if is_footer else self._part(begin, end)
        self._file.seek(end)
        return read

    def _footer(self, size: int) -> pa.Buffer:
        """So many bytes, blank before it: nothing else of a Parquet file goes to its end."""
        ends = self._part(self._end - FOOTER_ENDS, self._end).to_pybytes()
        begin = self._end - FOOTER_ENDS - int.from_bytes(ends[:4], "little")
        if begin < self._end - size:  # Arrow asks for all of it, then
            return pa.py_buffer(ends.rjust(size, b"\0"))
        footer = self._part(begin, self._end - FOOTER_ENDS).to_pybytes()
        return pa.py_buffer((footer + ends).rjust(size, b"\0"))

    def _part(self, begin: int, end: int) -> pa.Buffer:
        if (kept := self._meter.kept(self._path, begin, end - begin)) is not None:
            return kept
        self._file.seek(begin)
        read = self._file.read_buffer(end - begin)
        self._meter.count(self._path, read.size)
        self._meter.keep(self._path, begin, read)
        return read

    def __getattr__(self, name: str) -> Any:  # Any: whatever else a file can do
        return getattr(self._file, name)


class _Handler(fs.FileSystemHandler):  # type: ignore[misc]  # pyarrow ships no types
    """Reads from another file system, and does nothing else."""

    def __init__(self, files: fs.FileSystem, meter: Meter) -> None:
        self._files, self._meter = files, meter

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handler) and self._files == other._files

    def __hash__(self) -> int:
        return id(self._files)

    def get_type_name(self) -> str:
        return f"metered {self._files.type_name}"

    def normalize_path(self, path: str) -> str:
        return path

    def open_input_file(self, path: str) -> pa.PythonFile:
        counted = _Counted(self._files.open_input_file(path), path, self._meter)
        return pa.PythonFile(counted, mode="r")

    def open_input_stream(self, path: str) -> pa.PythonFile:
        return self.open_input_file(path)

    def get_file_info(self, paths: Sequence[str]) -> Any:  # Any: pyarrow's
        return self._files.get_file_info(paths)

    def get_file_info_selector(self, selector: fs.FileSelector) -> Any:  # Any: pyarrow's
        return self._files.get_file_info(selector)

    def _refused(self, *_: object) -> NoReturn:
        raise NotImplementedError("files of the lake are only read")

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = _refused
    delete_file = move = copy_file = open_output_stream = open_append_stream = _refused


def metered(files: fs.FileSystem, meter: Meter) -> fs.FileSystem:
    return fs.PyFileSystem(_Handler(files, meter))
