"""What is written about a running sandbox, and what is believed of it."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sandbox import state
from tests.sandbox.errors import SandboxError
from tests.sandbox.places import ROOT, Places
from tests.sandbox.processes import Daemon
from tests.sandbox.state import Running


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "sandbox")


def of_this_process(places: Places) -> Running:
    """A sandbox whose emulator is the very program that runs the test."""
    command = Path("/proc/self/cmdline")
    words = command.read_text().split("\0")[1:] if command.exists() else sys.argv[1:]
    us = Daemon("emulator", os.getpid(), " ".join(words).strip(), places)
    return Running(
        "http://127.0.0.1:4566",
        datetime(2023, 6, 4, 12, tzinfo=UTC),
        ready=True,
        processes={"emulator": us},
        simulators={"sentiance": "http://127.0.0.1:4567"},
    )


def test_what_is_written_is_read_again(places: Places) -> None:
    running = of_this_process(places)
    state.write(places, running)
    assert state.read(places) == running
    assert state.running(places) == running
    assert state.running(places).pids == {"emulator": os.getpid()}  # type: ignore[union-attr]  # just asserted


def test_one_that_is_starting_is_not_running(places: Places) -> None:
    state.write(places, replace(of_this_process(places), ready=False))
    assert state.running(places) is None


def test_one_whose_emulator_has_died_is_not_running(places: Places) -> None:
    running = of_this_process(places)
    dead = replace(running.processes["emulator"], arguments="server.py --folder /another")
    state.write(places, replace(running, processes={"emulator": dead}))
    assert state.running(places) is None


@pytest.mark.parametrize("content", ["", "{", "{}", '{"endpoint": 1}'])
def test_a_file_that_makes_no_sense_is_no_sandbox(places: Places, content: str) -> None:
    places.folder.mkdir()
    places.state.write_text(content)
    assert state.read(places) is None


def test_nothing_written_is_no_sandbox(places: Places) -> None:
    assert state.running(places) is None
    state.forget(places)


def test_one_command_at_a_time(places: Places) -> None:
    assert not places.busy
    with places.locked():
        assert places.busy
        with pytest.raises(SandboxError, match="another command"), places.locked():
            pass
    assert not places.busy


def test_the_folder_is_the_checkout_s_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TELEMATICS_SANDBOX_DIR", raising=False)
    assert Places.of_this_checkout().folder == ROOT / ".sandbox"
    monkeypatch.setenv("TELEMATICS_SANDBOX_DIR", str(tmp_path))
    assert Places.of_this_checkout().folder == tmp_path


def test_folders_below_are_shown_as_one_would_type_them(
    monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    assert places.shown == str(places.folder)
    monkeypatch.chdir(places.folder.parent)
    assert places.shown == "sandbox"
