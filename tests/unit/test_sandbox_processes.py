"""Programs of the sandbox: known by more than their pid, stopped with all that they started."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sandbox import processes
from tests.sandbox.errors import Died
from tests.sandbox.places import ROOT, Places
from tests.sandbox.processes import Daemon

SLEEPING = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPING}"
WITH_A_CHILD = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, *sys.argv[1:]]); {SLEEPING}"
)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Daemon]]:
    """Whatever a test leaves running is killed."""
    begun: list[Daemon] = []
    yield begun
    for daemon in begun:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(daemon.pid, 9)
        processes._children[daemon.pid].wait()


def start(started: list[Daemon], folder: Path, program: str, *words: str) -> Daemon:
    daemon = processes.start(
        "program",
        [sys.executable, "-c", program, *words],
        places=Places(folder),
        environment=os.environ,
        folder=folder,
    )
    started.append(daemon)
    until(lambda: "here" in daemon.log.read_text())
    return daemon


def until(true: object) -> None:
    deadline = time.monotonic() + 10
    while not (true() if callable(true) else true):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stop(daemon: Daemon, *, patience: float = 5) -> bool:
    return processes.stop(daemon, polite_seconds=patience, patience_seconds=patience)


def test_a_program_goes_on_until_it_is_stopped(tmp_path: Path, started: list[Daemon]) -> None:
    daemon = start(started, tmp_path, SLEEPING)
    assert daemon.alive
    assert stop(daemon)
    assert not daemon.alive


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, started: list[Daemon]) -> None:
    daemon = start(started, tmp_path, STUBBORN)
    assert not stop(daemon, patience=0.1)
    assert not daemon.alive


def test_what_it_started_ends_with_it(tmp_path: Path, started: list[Daemon]) -> None:
    child = [str(tmp_path / "child.py")]
    Path(child[0]).write_text("import time; time.sleep(60)")
    daemon = start(started, tmp_path, WITH_A_CHILD, *child)
    (descendant,) = (
        pid for pid, group in processes._groups() if group == daemon.pid and pid != daemon.pid
    )
    assert stop(daemon)
    until(lambda: not processes._command(descendant))


def test_another_program_with_its_pid_is_let_alone(
    tmp_path: Path, started: list[Daemon], monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = start(started, tmp_path, SLEEPING)
    monkeypatch.setattr(processes, "_children", {})
    ours = replace(stranger, arguments="-P server.py --folder /elsewhere")
    assert not ours.alive
    stop(ours)
    assert stranger.alive
    monkeypatch.undo()


def test_it_is_found_again_by_who_has_not_started_it(
    tmp_path: Path, started: list[Daemon], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start(started, tmp_path, SLEEPING)
    monkeypatch.setattr(processes, "_children", {})
    assert daemon.alive
    monkeypatch.undo()


@pytest.mark.skipif(not Path("/bin/ps").exists(), reason="no ps on this machine")
def test_where_there_is_no_proc_ps_tells_the_same(
    tmp_path: Path, started: list[Daemon], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start(started, tmp_path, SLEEPING)
    monkeypatch.setattr(processes, "PROC", tmp_path / "none")
    assert daemon.arguments in processes._command(daemon.pid)
    assert (daemon.pid, daemon.pid) in set(processes._groups())
    assert processes._command(2**22 + 1) == ""
    monkeypatch.undo()


def test_one_that_has_ended_says_why(tmp_path: Path) -> None:
    daemon = processes.start(
        "emulator",
        [sys.executable, "-c", "raise SystemExit('the port is taken')"],
        places=Places(tmp_path),
        environment=os.environ,
        folder=tmp_path,
    )
    processes._children[daemon.pid].wait()
    with pytest.raises(Died, match=r"(?s)`emulator` has ended.*emulator.log.*the port is taken"):
        daemon.must_live()


def test_only_the_end_of_a_log_is_told(tmp_path: Path) -> None:
    log = tmp_path / "some.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(100)))
    told = processes.last_words(log)
    assert "line 99" in told
    assert "line 50" not in told
    assert processes.last_words(tmp_path / "none.log") == f"see {tmp_path / 'none.log'}"


def test_a_program_outlives_who_started_it(tmp_path: Path) -> None:
    starter = (
        "import os, sys; from pathlib import Path; from tests.sandbox import processes;"
        "from tests.sandbox.places import Places;"
        "folder = Path(sys.argv[1]);"
        f"daemon = processes.start('it', [sys.executable, '-c', {SLEEPING!r}],"
        " places=Places(folder), environment=os.environ, folder=folder);"
        "print(daemon.pid, daemon.arguments)"
    )
    command = [sys.executable, "-c", starter, str(tmp_path)]
    said = subprocess.check_output(command, text=True, cwd=ROOT)  # noqa: S603 our own words
    pid, arguments = said.strip().split(maxsplit=1)
    daemon = Daemon("it", int(pid), arguments, Places(tmp_path))
    until(lambda: daemon.alive)
    assert stop(daemon)
    assert not daemon.alive
