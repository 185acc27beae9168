"""What a sandbox was asked to be is kept from one start to the next."""

from pathlib import Path

import pytest

from tests.sandbox import options
from tests.sandbox.errors import SandboxError
from tests.sandbox.options import Options
from tests.sandbox.places import Places


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.delenv(options.PORT, raising=False)
    return Places(tmp_path / "sandbox")


def test_without_any_wish_the_port_is_the_usual_one(places: Places) -> None:
    assert options.combined(Options(), places) == Options(port=4566)


def test_what_was_asked_before_holds(places: Places) -> None:
    options.remember(places, Options(port=5000, seed=7, users=200))
    assert options.combined(Options(), places) == Options(port=5000, seed=7, users=200)


def test_what_is_asked_now_counts_most(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    options.remember(places, Options(port=5000, seed=7, users=200))
    monkeypatch.setenv(options.PORT, "6000")
    assert options.combined(Options(seed=0), places) == Options(port=6000, seed=0, users=200)
    assert options.combined(Options(port=7000), places).port == 7000


def test_any_free_port_can_be_asked_for(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(options.PORT, "6000")
    assert options.combined(Options(port=0), places).port == 0


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(
    places: Places, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv(options.PORT, port)
    with pytest.raises(SandboxError, match="1 to 65535"):
        options.combined(Options(), places)


def test_simulators_get_only_what_was_asked() -> None:
    assert Options(port=5000).of_simulators == {}
    assert Options(seed=0, users=3).of_simulators == {"seed": 0, "users": 3}
