"""The emulator's Python environment: made once, whole or not at all. Python is a script here."""

from pathlib import Path

import pytest

from tests.sandbox import environment
from tests.sandbox.errors import EnvironmentUnusable
from tests.sandbox.progress import Silent

# A Python as far as we use one: tells its version, makes an environment of itself, installs.
PYTHON = """#!/bin/sh
case "$1 $2" in
  "-c "*) echo "{version} /usr" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "$@" >> "{calls}"; echo "Collecting boto3==1.43 (from something)"; exit {exit} ;;
esac
"""


class Bench:
    """A folder to make it in, a lock to make it from, and how often it was made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "made"
        self.lock = folder / "requirements.txt"
        self.lock.write_text("boto3==1.43 --hash=sha256:0\n")
        self.program = folder / "python"
        self.calls = folder / "calls"
        self.calls.touch()
        self.write()

    def write(self, *, version: str = "3 12 4", exit: int = 0) -> None:
        self.program.write_text(PYTHON.format(version=version, calls=self.calls, exit=exit))
        self.program.chmod(0o755)

    def make(self) -> Path:
        return environment.python(Silent(), folder=self.folder, lock=self.lock)

    @property
    def installs(self) -> int:
        return len(self.calls.read_text().splitlines())


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    monkeypatch.setenv(environment.CHOICE, str(made.program))
    return made


def test_it_is_made_when_first_needed_and_then_kept(bench: Bench) -> None:
    assert bench.make() == bench.folder / "bin" / "python"
    bench.make()
    assert bench.installs == 1
    assert "--require-hashes" in bench.calls.read_text()


def test_another_lock_or_another_python_makes_it_again(bench: Bench) -> None:
    bench.make()
    bench.lock.write_text("boto3==1.44 --hash=sha256:1\n")
    bench.make()
    bench.write(version="3 13 0")
    bench.make()
    assert bench.installs == 3


def test_half_made_it_is_made_again(bench: Bench) -> None:
    bench.write(exit=1)
    with pytest.raises(EnvironmentUnusable, match=r"could not be made.*Collecting boto3"):
        bench.make()
    bench.write()
    (bench.folder / "left-over").touch()
    bench.make()
    assert bench.installs == 2
    assert not (bench.folder / "left-over").exists()


def test_one_that_lost_its_interpreter_is_made_again(bench: Bench) -> None:
    bench.make().unlink()
    bench.make()
    assert bench.installs == 2


def test_a_python_that_is_too_old_is_refused(bench: Bench) -> None:
    bench.write(version="3 10 13")
    with pytest.raises(EnvironmentUnusable, match=r"is Python 3\.10: set .* to a Python 3\.11"):
        bench.make()


def test_a_python_that_is_not_there_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.CHOICE, "/no/python")
    with pytest.raises(EnvironmentUnusable, match="no Python at /no/python"):
        bench.make()


def test_a_python_without_venv_is_refused_with_its_reason(bench: Bench) -> None:
    bench.program.write_text("#!/bin/sh\necho \"No module named 'ensurepip'\" >&2\nexit 1\n")
    with pytest.raises(EnvironmentUnusable, match="No module named 'ensurepip'"):
        bench.make()
