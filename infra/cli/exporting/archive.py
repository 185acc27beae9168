"""The archive: written beside its place, for its owner only, and there once it is whole."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from infra.cli.exits import BadInput, CommandError

PIECE_BYTES = 1 << 20
OWNER_ONLY = 0o600
MANIFEST = "manifest.json"


class Readable(Protocol):
    """What is read a piece at a time."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class File:
    """One of the archive's. `sha256` is of what it holds."""

    name: str
    bytes: int
    sha256: str


@dataclass
class Archive:
    """What is compressed by itself is stored as it is."""

    _zip: ZipFile
    at: datetime
    files: list[File] = field(default_factory=list)

    def add(self, name: str, source: Readable, *, compressed: bool = False) -> File:
        """`compressed`: by itself."""
        digest, size = hashlib.sha256(), 0
        info = ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type = ZIP_STORED if compressed else ZIP_DEFLATED
        info.external_attr = OWNER_ONLY << 16
        with self._zip.open(info, "w", force_zip64=True) as entry:
            while piece := source.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                entry.write(piece)
        self.files.append(File(name, size, digest.hexdigest()))
        return self.files[-1]

    def add_json(self, name: str, told: object) -> File:
        return self.add(name, _Text(json.dumps(told, indent=2, ensure_ascii=False, default=str)))

    def add_text(self, name: str, text: str) -> File:
        return self.add(name, _Text(text))


@dataclass
class _Text:
    text: str

    def read(self, _: int, /) -> bytes:
        content, self.text = self.text.encode(), ""
        return content


def check_free(path: Path, *, force: bool) -> None:
    """Raises BadInput where something would be lost, or where there is no folder for it."""
    if path.is_dir():
        raise BadInput(f"{path} is a folder: name the file in it")
    if path.exists() and not force:
        raise BadInput(f"{path} is there already: --force replaces it")
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}")


@contextmanager
def written(path: Path, at: datetime) -> Iterator[Archive]:
    """Whatever ends it too soon leaves nothing behind. Raises CommandError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with _zipped(file) as packed:
                yield Archive(packed, at)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:  # of this disk or of the stack's
        raise CommandError(f"it ended too soon, and no file is left of it: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _zipped(file: IO[bytes]) -> ZipFile:
    return ZipFile(file, "w", allowZip64=True)
