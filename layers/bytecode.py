"""Ship packages compiled, so that a cold start doesn't compile them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_WHICH = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


def interpreter(version: str) -> Path | None:
    """A Python of this very `major.minor`; bytecode made by another one is useless to Lambda."""
    for candidate in _candidates(version):
        if full_version(candidate).startswith(f"{version}."):
            return candidate
    return None


def full_version(python: Path) -> str:
    """Empty when it doesn't run: pyenv leaves commands on the path that only print an error."""
    asked = subprocess.run(  # noqa: S603 a Python that this machine's owner installed
        [python, "-c", _WHICH], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def compile_all(folder: Path, python: Path) -> None:
    """Unchecked: a zip loses the times by which Python would recognize its own bytecode."""
    command = [str(python), "-m", "compileall", "-q", "-j", "0"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/opt"]
    subprocess.run([*command, str(folder)], check=True)  # noqa: S603 our own words


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)
