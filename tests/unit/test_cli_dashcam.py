"""`telematics dashcam discard`: asked twice by default, and said to be for good."""

import json
from collections.abc import Callable

import httpx
import pytest
import typer

from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.test_cli_move import Api, api, signed_in

__all__ = ["api", "telematics"]

EVENT = "3f0c9a52-1b7d-4c38-9a60-5d2e7b8f1c04"
Discard = Callable[..., Ended]


@pytest.fixture
def discard(telematics: Program, api: Api, monkeypatch: pytest.MonkeyPatch) -> Discard:
    api.answer = httpx.Response(200, json={"event": EVENT, "again": False})

    def run(*arguments: str, answer: str = "") -> Ended:
        asked = ("dashcam", "discard", EVENT, "--reason", "private land", *arguments)
        monkeypatch.setattr("typer.confirm", lambda *_, **__: confirmed(answer))
        return telematics(*asked, stack=signed_in())

    return run


def confirmed(answer: str) -> bool:
    if answer != "y":
        raise typer.Abort
    return True


def test_nothing_is_done_before_it_is_confirmed(discard: Discard, api: Api) -> None:
    ended = discard(answer="n")
    assert ended.code != 0
    assert "nobody can bring it back" in ended.err
    assert api.asked is None


def test_once_confirmed_the_reason_is_handed_in(discard: Discard, api: Api) -> None:
    ended = discard(answer="y")
    assert (ended.code, ended.out) == (0, f"{EVENT} is discarded\n")
    assert api.call.method == "POST"
    assert api.call.url.path.endswith(f"/v1/dashcam/events/{EVENT}/discard")
    assert json.loads(api.call.content) == {"reason": "private land"}


def test_scripts_say_yes_beforehand_and_read_json(discard: Discard) -> None:
    ended = discard("--yes", "--json")
    assert json.loads(ended.out) == {"event": EVENT, "again": False}
    assert ended.err == ""


def test_a_second_time_says_that_it_was_done_before(discard: Discard, api: Api) -> None:
    api.answer = httpx.Response(200, json={"event": EVENT, "again": True})
    assert "had been discarded before" in discard("--yes").out
