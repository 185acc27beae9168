"""A headless Chromium of this machine, told what to do through a pipe: no port, no driver."""

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "there is no Chromium on this machine: apt-get install chromium"
LONGEST_SECONDS = 60.0
HEARD, SAID = 3, 4  # where Chromium reads what it is told, and writes what it answers
FREE = 10  # file descriptors from here on are nobody's
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # containers have no namespaces for it; the pages are ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
Told = dict[str, Any]  # JSON of the protocol


def found() -> str | None:
    """Where it is, if it is here."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Chromium:
    """Commands one after the other; events are kept as they come."""

    _to: int
    _from: int
    session: str = ""
    events: list[Told] = field(default_factory=list)
    _number: int = 0
    _unread: bytes = b""

    def call(self, method: str, **parameters: object) -> Told:
        """What it answers. Raises RuntimeError where it refuses."""
        self._number += 1
        asked: Told = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        _write(self._to, json.dumps(asked).encode() + b"\0")
        while True:
            told = self._next(time.monotonic() + LONGEST_SECONDS)
            if told.get("id") == self._number:
                break
            self.events.append(told)
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error'].get('message')}")
        return dict(told["result"])

    def open(self, page: Path, *, width: int, height: int) -> None:
        """From disk, in a window of that size; once all in it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.events.clear()
        self.call("Page.navigate", url=page.resolve().as_uri())
        self.wait("Page.loadEventFired")

    def wait(self, event: str) -> None:
        until = time.monotonic() + LONGEST_SECONDS
        while not any(one.get("method") == event for one in self.events):
            self.events.append(self._next(until))

    def run(self, script: str) -> Any:  # Any: what the script is worth
        """In the page; promises are waited for."""
        told = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"].get("exception", {}).get("description"))
        return told["result"].get("value")

    def _next(self, until: float) -> Told:
        while b"\0" not in self._unread:
            ready, _, _ = select([self._from], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            if not piece:
                raise TimeoutError("Chromium says nothing")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(line))


@contextmanager
def started() -> Iterator[Chromium]:
    """With one empty tab, and a profile of its own that is gone afterwards."""
    with TemporaryDirectory(prefix="telematics-chromium-", ignore_cleanup_errors=True) as profile:
        (we_read, it_writes), (it_reads, we_write) = _pipe(), _pipe()
        process = _spawn(Path(profile), reads=it_reads, writes=it_writes)
        os.close(it_reads)
        os.close(it_writes)
        chromium = Chromium(we_write, we_read)
        try:
            _open_tab(chromium)
            yield chromium
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(we_read)
            os.close(we_write)


def _open_tab(chromium: Chromium) -> None:
    tab = chromium.call("Target.createTarget", url="about:blank")["targetId"]
    attached = chromium.call("Target.attachToTarget", targetId=tab, flatten=True)
    chromium.session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Network", "Log"):
        chromium.call(f"{domain}.enable")


def _pipe() -> tuple[int, int]:
    """Where to read and where to write, both out of the way of what Chromium uses."""
    ends = os.pipe()
    moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, FREE) for one in ends]
    for one in ends:
        os.close(one)
    return moved[0], moved[1]


def _spawn(profile: Path, *, reads: int, writes: int) -> int:
    program = found()
    if program is None:
        raise FileNotFoundError(MISSING)
    return os.posix_spawn(
        program,
        [program, *FLAGS, f"--user-data-dir={profile}"],
        {**os.environ, "HOME": str(profile)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, reads, HEARD),
            (os.POSIX_SPAWN_DUP2, writes, SAID),
        ],
        setpgroup=0,
    )


def _write(to: int, content: bytes) -> None:
    while content:
        content = content[os.write(to, content) :]
