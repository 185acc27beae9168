"""The processes in which the emulator runs functions, found so that one of them can be killed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NAME = b"AWS_LAMBDA_FUNCTION_NAME="
PROCESSES = Path("/proc")


def of(parent: int, function: str) -> Iterator[int]:
    """Those below a process that run a function whose name contains this."""
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile, or is somebody else's
                names = (folder / "environ").read_bytes().split(b"\0")
                found = next((one for one in names if one.startswith(NAME)), b"")
                if function.encode() in found and _parent(folder) == parent:
                    yield int(folder.name)


def _parent(folder: Path) -> int:
    status = (folder / "status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))


def kill(parent: int, function: str) -> int:
    """How many there were."""
    found = list(of(parent, function))
    for process in found:
        os.kill(process, 9)
    return len(found)
