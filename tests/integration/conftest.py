"""A sandbox of the tests' own: free ports, a folder of its own, the synthesized template in it."""

from collections.abc import Iterator

import pytest

from tests.integration.insurer import NOT_ASKED_FOR, Insurer
from tests.sandbox.options import Options
from tests.sandbox.sandbox import Sandbox

USERS = 12


@pytest.fixture(scope="session")
def sandbox(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch_session: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    for variable in NOT_ASKED_FOR:
        monkeypatch_session.delenv(variable, raising=False)
    started = Sandbox.start(
        tmp_path_factory.mktemp("sandbox"), Options(port=0, users=USERS, seed=7)
    )
    yield started
    if (current := Sandbox.current(started.places)) is not None:
        current.stop()


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
