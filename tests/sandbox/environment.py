"""The emulator's own Python environment, made when first needed and whenever its lock changes."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from tests.sandbox.errors import EnvironmentUnusable
from tests.sandbox.places import ROOT
from tests.sandbox.progress import Progress

REQUIREMENTS = ROOT / "tests" / "sandbox" / "requirements.txt"
FOLDER = ROOT / ".venv-emulator"
CHOICE = "TELEMATICS_SANDBOX_PYTHON"
OLDEST = (3, 11)
FACTS = "import sys, venv, ensurepip; print(*sys.version_info[:3], sys.prefix)"


def python(progress: Progress, *, folder: Path = FOLDER, lock: Path = REQUIREMENTS) -> Path:
    """The interpreter that has the emulator. One process at a time makes it."""
    interpreter = folder / "bin" / "python"
    with lock.open() as file:
        base, version = _base()
        stamp = _stamp(lock, version)
        if _made_from(folder) == stamp and interpreter.exists():
            return interpreter
        progress.step("Creating the emulator's environment (once, about a minute)")
        fcntl.flock(file, fcntl.LOCK_EX)
        if _made_from(folder) != stamp or not interpreter.exists():
            _make(folder, base, lock, progress)
            (folder / ".made-from").write_text(stamp)
    return interpreter


def _base() -> tuple[str, str]:
    """The Python to make it from, and its version."""
    chosen = os.environ.get(CHOICE) or sys.executable
    remedy = f"set {CHOICE} to a Python {'.'.join(map(str, OLDEST))} or newer"
    try:
        facts = subprocess.run(  # noqa: S603 the user's choice of a program
            [chosen, "-c", FACTS], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise EnvironmentUnusable(f"no Python at {chosen} ({error.strerror}): {remedy}") from error
    if facts.returncode:
        reason = (facts.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EnvironmentUnusable(f"{chosen} can't make environments ({reason}): {remedy}")
    major, minor, patch, _ = facts.stdout.split(maxsplit=3)
    if (int(major), int(minor)) < OLDEST:
        raise EnvironmentUnusable(f"{chosen} is Python {major}.{minor}: {remedy}")
    return chosen, f"{major}.{minor}.{patch}"


def _stamp(lock: Path, version: str) -> str:
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {version} {platform.machine()}\n"


def _made_from(folder: Path) -> str:
    stamp = folder / ".made-from"
    return stamp.read_text() if stamp.exists() else ""


def _make(folder: Path, base: str, lock: Path, progress: Progress) -> None:
    """Interrupted, it has no stamp and is made again from nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    _run([base, "-m", "venv", str(folder)], progress)
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", *options]
    _run([*install, "--require-hashes", "--requirement", str(lock)], progress)


def _run(command: Sequence[str], progress: Progress) -> None:
    """Run it, showing the line it is at; when it fails its last lines are the reason."""
    last: deque[str] = deque(maxlen=4)
    with subprocess.Popen(  # noqa: S603 our own words
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as made:
        for line in made.stdout or ():
            last.append(line.strip())
            progress.detail(_short(line))
    if made.returncode:
        raise EnvironmentUnusable(
            "the emulator's environment could not be made: " + " | ".join(filter(None, last))
        )


def _short(line: str) -> str:
    """`Collecting boto3==1.43 (from ...)` without where from, and without fifty package names."""
    words = line.split()
    return " ".join(words[:2] if words[:1] in (["Collecting"], ["Using"]) else words[:3])
