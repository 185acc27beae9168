"""What the command writes: whole or not at all, for its owner only, and never over another's."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from infra.cli.exits import BadInput, CommandError

MARK = "telematics collision report"  # near the beginning of what we wrote
MARKED_BYTES = 2_048


def check_free(path: Path) -> None:
    """Raises BadInput where it would replace what this command has not written."""
    if not path.exists():
        return
    if path.is_file():
        with path.open("rb") as file:
            if MARK.encode() in file.read(MARKED_BYTES):
                return
    raise BadInput(f"{path} is there already, and no dossier: choose another folder with --out")


def check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Whatever ends it too soon leaves what was there before. Raises CommandError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def write_copy(path: Path, source: Path) -> None:
    """Its name says which bytes it has: another file of that name is somebody else's."""
    if path.exists() and _digest(path) != _digest(source):
        raise BadInput(f"{path} is there already: choose another folder with --out")
    with source.open("rb") as file:
        write(path, iter(lambda: file.read(1 << 20), b""))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
