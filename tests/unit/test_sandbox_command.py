"""`telematics sandbox`: what one reads, and the exit codes scripts rely on."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.cli import sandbox as command
from tests.sandbox import processes, sandbox, state
from tests.sandbox.errors import PortTaken
from tests.sandbox.options import Options, remember
from tests.sandbox.places import Places
from tests.sandbox.processes import Daemon
from tests.sandbox.progress import Progress
from tests.sandbox.state import Running
from tests.unit.cli_program import Program, telematics

__all__ = ["telematics"]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("TELEMATICS_SANDBOX_DIR", str(tmp_path / "sandbox"))
    return Places.of_this_checkout()


@pytest.fixture
def running(places: Places, monkeypatch: pytest.MonkeyPatch) -> Running:
    """One that is up: pids are alive here because we say so."""
    monkeypatch.setattr(processes, "_command", lambda pid: "python server.py" if pid == 7 else "")
    emulator = Daemon("emulator", 7, "server.py", places)
    made = Running(
        "http://127.0.0.1:4566",
        datetime(2023, 6, 4, 12, tzinfo=UTC),
        ready=True,
        processes={"emulator": emulator},
        simulators={"sentiance": "http://127.0.0.1:4567"},
    )
    state.write(places, made)
    return made


@pytest.mark.parametrize("words", [["status"], ["down"], ["reset"], ["down", "--delete-state"]])
def test_where_there_is_none_it_is_said_in_a_line(
    telematics: Program, places: Places, words: list[str]
) -> None:
    ended = telematics("sandbox", *words)
    assert ended.code == 4
    assert ended.err.startswith("telematics: there is no sandbox here")
    assert ended.err.count("\n") == 1
    assert not places.folder.exists()


def test_one_that_is_stopped_says_that_its_data_is_kept(
    telematics: Program, places: Places
) -> None:
    remember(places, Options(port=4566))
    for word in ("status", "down"):
        ended = telematics("sandbox", word)
        assert ended.code == 4
        assert f"its data is kept in {places.folder}" in ended.err


def test_scripts_are_told_that_it_is_not_up(telematics: Program, places: Places) -> None:
    ended = telematics("sandbox", "status", "--json")
    assert ended.code == 4
    assert json.loads(ended.out) == {"up": False, "data": False}


def test_a_second_up_is_refused_and_says_where_the_first_is(
    telematics: Program, running: Running
) -> None:
    for words in (["up"], ["up", "--no-wait"]):
        ended = telematics("sandbox", *words)
        assert ended.code == 1
        assert "already up at http://127.0.0.1:4566" in ended.err
        assert ended.err.count("\n") == 1


def test_status_shows_what_runs(telematics: Program, running: Running) -> None:
    ended = telematics("sandbox", "status")
    assert ended.code == 0
    assert "up at http://127.0.0.1:4566" in ended.out
    told = json.loads(telematics("sandbox", "status", "--json").out)
    assert told["up"] is True
    assert told["endpoint"] == running.endpoint
    assert told["simulators"] == {"sentiance": "http://127.0.0.1:4567"}
    assert told["programs"]["emulator"]["pid"] == 7


def test_status_tells_of_an_emulator_that_has_ended(
    telematics: Program, running: Running, places: Places
) -> None:
    places.log("emulator").parent.mkdir()
    places.log("emulator").write_text("MemoryError\n")
    state.write(
        places, replace(running, processes={"emulator": Daemon("emulator", 8, "gone", places)})
    )
    ended = telematics("sandbox", "status")
    assert ended.code == 1
    assert "the emulator has ended" in ended.err
    assert "MemoryError" in ended.err


def test_what_goes_wrong_is_one_line_and_not_a_trace(
    telematics: Program, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def up(places: Places, options: Options, progress: Progress) -> Running:
        progress.step("Starting the emulator")
        raise PortTaken(f"port {options.port} is taken")

    monkeypatch.setattr(sandbox, "up", up)
    ended = telematics("sandbox", "up", "--port", "4711")
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "Starting the emulator ...",
        "telematics: port 4711 is taken",
    ]


def test_interrupted_it_says_that_nothing_is_left(
    telematics: Program, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def up(places: Places, options: Options, progress: Progress) -> Running:
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "up", up)
    ended = telematics("sandbox", "up")
    assert ended.code == 130
    assert "stopped again" in ended.err


def test_reset_removes_what_a_sandbox_writes_and_nothing_else(
    telematics: Program, places: Places
) -> None:
    remember(places, Options(port=4566))
    for folder in places.data:
        folder.mkdir()
        (folder / "file").touch()
    (places.folder / "holiday.jpg").touch()
    ended = telematics("sandbox", "reset")
    assert ended.code == 0
    assert sorted(one.name for one in places.folder.iterdir()) == ["holiday.jpg", "lock"]


def test_waiting_for_one_that_nobody_starts_ends(
    telematics: Program, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "BEGINNING_SECONDS", 0)
    ended = telematics("sandbox", "wait")
    assert ended.code == 4
    assert "neither running nor starting" in ended.err


def test_ensure_takes_the_one_that_is_up(running: Running) -> None:
    assert command.ensure() == running
