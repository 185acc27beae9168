"""Programs that go on when we end: start them, know them by more than their pid, stop them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.errors import Died
from tests.sandbox.places import Places

PROC = Path("/proc")
LAST_LINES = 5

_children: dict[int, subprocess.Popen[bytes]] = {}  # ours to reap, should they end before us


@dataclass(frozen=True)
class Daemon:
    """A program in a process group of its own. Pids come again; `arguments` tell it from others."""

    name: str
    pid: int
    arguments: str
    places: Places

    @property
    def log(self) -> Path:
        return self.places.log(self.name)

    @property
    def alive(self) -> bool:
        if child := _children.get(self.pid):
            return child.poll() is None
        return self.arguments in _command(self.pid)

    def must_live(self) -> None:
        if not self.alive:
            raise Died(f"the program `{self.name}` has ended: {last_words(self.log)}")


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    places: Places,
    environment: Mapping[str, str],
    folder: Path,
) -> Daemon:
    log = places.log(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 our own words
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Daemon(name, child.pid, " ".join(words[1:]), places)


def stop(daemon: Daemon, *, polite_seconds: float, patience_seconds: float) -> bool:
    """Ask it to end; then end what it started and waits for; only at last kill it (False)."""
    if daemon.alive:
        _send(daemon.pid, signal.SIGTERM)
        if not _ended(daemon, polite_seconds):
            _ended(daemon, patience_seconds, lambda: _end_descendants(daemon))
    obeyed = not daemon.alive
    if not obeyed:
        _send(daemon.pid, signal.SIGKILL)
        _ended(daemon, patience_seconds)
    _end_descendants(daemon)
    return obeyed


def last_words(log: Path) -> str:
    """The end of a log and where it is."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    said = [line.rstrip() for line in lines if line.strip()][-LAST_LINES:]
    return "\n  ".join([f"see {log}", *said])


def _ended(daemon: Daemon, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> bool:
    deadline = time.monotonic() + seconds
    while daemon.alive:
        if time.monotonic() > deadline:
            return False
        meanwhile()
        time.sleep(0.05)
    return True


def _end_descendants(daemon: Daemon) -> None:
    """Those in its group. The group's id is a pid as well, so look at what they run, too."""
    mark = str(daemon.places.folder)
    for pid, group in _groups():
        if group == daemon.pid and pid != daemon.pid and mark in _command(pid):
            _send(pid, signal.SIGTERM)


def _send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def _command(pid: int) -> str:
    """How a process was started; empty when it is not there or has ended."""
    if PROC.is_dir():
        with suppress(OSError):
            return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return ""
    return _ps("-ww", "-p", str(pid), "-o", "command=").strip()


def _groups() -> Iterator[tuple[int, int]]:
    """The pid and the group of every process."""
    if not PROC.is_dir():
        for line in _ps("-ax", "-o", "pid=,pgid=").splitlines():
            pid, group = line.split()
            yield int(pid), int(group)
        return
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            with suppress(ProcessLookupError):
                yield int(entry.name), os.getpgid(int(entry.name))


def _ps(*options: str) -> str:
    command = ["/bin/ps", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 our own words
