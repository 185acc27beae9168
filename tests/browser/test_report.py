"""`telematics collision report`: what it writes, and when it does not. It takes no browser."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.cli.reporting.report import Written
from tests.browser.conftest import Desk
from tests.browser.crash import AT, ID
from tests.unit.cli_program import Ended, Program, telematics

__all__ = ["telematics"]

Run = Callable[..., Ended]


@pytest.fixture
def run(telematics: Program, here: Desk, tmp_path: Path) -> Run:
    def call(*arguments: str) -> Ended:
        where = ("--out", str(tmp_path))
        return telematics("collision", "report", *where, *arguments, stack=here.crash.stack)

    return call


def test_it_says_what_it_wrote_for_whom_and_what_is_missing(run: Run, tmp_path: Path) -> None:
    case = f"{int(AT.timestamp() * 1_000)}"  # as Zendrive calls it
    ended = run(case, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    page, charts = tmp_path / f"{case}.html", tmp_path / f"{case}.png"
    assert (told["page"], told["charts"], told["beside"]) == (str(page), str(charts), [])
    assert told["verified"] is True
    assert told["missing"] == ["footage of camera C_I: video not found"]
    assert sorted(tmp_path.iterdir()) == [page, charts]
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    assert charts.read_bytes().startswith(b"\x89PNG")


def test_who_made_it_is_noted_before_anything_is_read(written: Written, here: Desk) -> None:
    asked = ("POST", "/v1/users/driver-0001/export", {"reason": f"dossier of {ID}"})
    assert asked in here.crash.api.asked
    assert written.page.exists()


def test_all_providers_tell_of_it(written: Written) -> None:
    dossier = written.dossier
    assert dossier.impact is not None
    assert dossier.impact.provider == "zendrive"
    assert {one.provider for one in dossier.tellings} == {"dashcam", "sentiance"}
    assert {one.provider for one in dossier.drives} == {"zendrive", "move"}
    assert {one.provider for one in dossier.events} == {"zendrive", "dashcam", "move"}
    assert len(dossier.motion) > 1_000
    assert dossier.points[-1].time <= AT
    assert len(dossier.tracks["dashcam"]) == 20
    assert {one.verdict for one in (*dossier.answers, *dossier.sources)} == {"verified"}
    assert (len(dossier.heartbeats), len(dossier.authentications)) == (2, 3)


def test_evidence_that_was_changed_is_told(changed: Written, here: Desk) -> None:
    dossier = changed.dossier
    assert (dossier.case.id, dossier.moment) == (here.crash.event, AT)
    assert dossier.case.subject is not None
    assert dossier.case.subject.user_id == "driver-0001"
    assert not dossier.is_intact
    [still] = [one for one in dossier.files if one.sealed.verdict != "verified"]
    told = f"the evidence behind {still.sealed.key}: it differs from what was recorded"
    assert told in dossier.missing


def test_only_its_own_files_are_replaced(run: Run, here: Desk, tmp_path: Path) -> None:
    (tmp_path / f"{ID}.png").write_text("something dear")
    before = len(here.crash.api.asked)
    ended = run(ID)
    assert ended.code == 2
    assert "choose another folder with --out" in ended.err
    assert run(ID, "--out", str(tmp_path / "nowhere")).code == 2
    assert len(here.crash.api.asked) == before
    assert [one.name for one in tmp_path.iterdir()] == [f"{ID}.png"]


@pytest.mark.parametrize("id", ["collision-17", "../collision", "abc", "5f2c0e8f"])
def test_what_is_no_id_is_refused(run: Run, id: str) -> None:
    ended = run(id)
    assert ended.code == 2
    assert "is no collision" in ended.err


@pytest.mark.parametrize(
    ("state", "loaded", "code", "message"),
    [
        ("asked", "loaded", 3, "no answer came yet"),
        ("received", "stored", 3, "not in the lake yet"),
        ("unanswered", "loaded", 1, "ended without an answer"),
    ],
)
def test_without_an_answer_there_is_no_dossier(
    run: Run,
    here: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    loaded: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.setitem(here.crash.api.told, "state", state)
    monkeypatch.setattr(here.crash.ledger, "state", loaded)
    ended = run(ID)
    assert ended.code == code
    assert message in ended.err
    assert list(tmp_path.iterdir()) == []


def test_nobody_is_asked_about_a_crash_that_nobody_knows(run: Run, tmp_path: Path) -> None:
    assert run("collision-000000000000000000000000").code == 1
    ended = run("1600000000000")
    assert ended.code == 1
    assert "nobody in the lake has a collision" in ended.err
    assert list(tmp_path.iterdir()) == []
