"""A sandbox of the tests' own: free ports, a folder of its own, the synthesized template in it."""

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.insurer import NOT_ASKED_FOR, Insurer
from tests.integration.leaks import Scan
from tests.sandbox.options import Options
from tests.sandbox.sandbox import Sandbox

USERS, SEED = 12, 7


@pytest.fixture(scope="session")
def start(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch_session: pytest.MonkeyPatch
) -> Callable[[str, int], Sandbox]:
    """A sandbox with so many people. One starts at a time, so that no two choose the same ports."""
    for variable in NOT_ASKED_FOR:
        monkeypatch_session.delenv(variable, raising=False)

    def started(name: str, users: int) -> Sandbox:
        folder = tmp_path_factory.mktemp(name)
        with (Path(tempfile.gettempdir()) / "telematics-tests.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return Sandbox.start(folder, Options(port=0, users=users, seed=SEED))

    return started


@pytest.fixture(scope="session")
def sandbox(start: Callable[[str, int], Sandbox]) -> Iterator[Sandbox]:
    with looked_through(start("sandbox", USERS)) as started:
        yield started


@contextmanager
def looked_through(started: Sandbox) -> Iterator[Sandbox]:
    """It is stopped in the end. Whatever was told in it until then has named nobody."""
    Scan(Insurer(started)).listen()
    yield started
    if (current := Sandbox.current(started.places)) is not None:
        leaks = Scan(Insurer(current)).found()
        current.stop()
        assert leaks == []


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture
def insurer(sandbox: Sandbox) -> Iterator[Insurer]:
    """Who runs the lake, at the command line, and the provider they have it from."""
    insurer = Insurer(sandbox)
    yield insurer
    insurer.provider.behave()
    insurer.move.behave()
    insurer.dashcam.behave()
