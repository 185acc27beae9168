"""`telematics collision`: asked for, followed to its end, and shown with what came."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.cli import desk, evidence
from infra.cli.evidence import Evidence
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.test_cli_move import signed_in

__all__ = ["telematics"]

ID = "collision-5f2c0e8f9a7b6c5d4e3f2a1b"
DAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
TAKEN = {"collision_id": ID, "state": "requested", "joined": False}
ASKED: dict[str, Any] = {
    "collision_id": ID,
    "provider": "zendrive",
    "user_id": "user-1",
    "date": DAY,
    "at": f"{DAY}T07:12:30Z",
    "claim": "claim 4711",
    "state": "asked",
    "requests": [{"requester": "claims", "requested_at": f"{DAY}T09:00:00Z"}],
    "asks": 1,
    "answers": [],
    "reason": "",
}
ANSWER = {
    "raw_key": f"zendrive/collision_details/day={DAY}/{ID}-abc.json",
    "sha256": "ab" * 32,
    "came_at": f"{DAY}T09:05:00Z",
}
RECEIVED = {**ASKED, "state": "received", "answers": [ANSWER]}
UNANSWERED = {**ASKED, "state": "unanswered", "reason": "no answer came"}
REQUEST = ("collision", "request", "--user", "user-1", "--date", DAY, "--claim", "claim 4711")
SHOW = ("collision", "show", ID)


@dataclass
class Api:
    """Answers in turn, the last one for ever; keeps what it was asked."""

    answers: list[Any] = field(default_factory=lambda: [dict(TAKEN)])
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return told if isinstance(told, httpx.Response) else httpx.Response(200, json=told)

    @property
    def bodies(self) -> list[Any]:  # Any: JSON
        return [json.loads(one.content) for one in self.asked if one.content]


Run = Callable[..., Ended]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(
        desk, "client", lambda **_: httpx.Client(transport=httpx.MockTransport(api))
    )
    return api


@pytest.fixture
def run(telematics: Program, api: Api) -> Run:
    return lambda *arguments: telematics(*arguments, stack=signed_in())


def test_a_collision_is_asked_for_and_its_id_is_told(run: Run, api: Api) -> None:
    ended = run(*REQUEST)
    assert ended.code == 0
    assert f"{ID} is requested" in ended.out
    assert f"telematics collision show {ID}" in ended.err
    assert (api.asked[0].method, api.asked[0].url.path[-14:]) == ("POST", "/v1/collisions")
    assert api.bodies == [{"user_id": "user-1", "date": DAY, "claim": "claim 4711"}]


def test_time_place_and_requester_can_be_told(run: Run, api: Api) -> None:
    at = f"{DAY}T08:12:30+01:00"
    run(*REQUEST, "--at", at, "--lat", "52.5", "--lon", "-13.4", "--requester", "claims")
    [body] = api.bodies
    assert (body["at"], body["latitude"], body["longitude"]) == (at, 52.5, -13.4)
    assert body["requester"] == "claims"


def test_the_answer_for_scripts_is_that_of_the_api(run: Run, api: Api) -> None:
    api.answers = [{**TAKEN, "joined": True}]
    assert json.loads(run(*REQUEST, "--json").out) == {**TAKEN, "joined": True}
    assert "others had asked for it before" in run(*REQUEST).out


def test_the_same_command_has_the_same_key_unless_it_is_to_ask_again(run: Run, api: Api) -> None:
    for more in ((), (), ("--lat", "1", "--lon", "2"), ("--again",)):
        run(*REQUEST, *more)
    first, second, other, again = (one.headers.get("idempotency-key") for one in api.asked)
    assert first == second != other
    assert again is None
    assert "user-1" not in str(first)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("--date", "2999-01-01"), "in the future"),
        (("--date", "2019-01-01"), "older than six months"),
        (("--date", "yesterday"), "date is a day"),
        (("--at", "2024-03-05T07:12:30"), "at is a time"),
        (("--at", "2019-01-01T00:00:00Z"), "more than a day from date"),
        (("--lat", "52.5"), "come together"),
        (("--lat", "91", "--lon", "0"), "latitude is a number"),
        (("--claim", ""), "claim is a text"),
    ],
)
def test_what_makes_no_sense_is_never_sent(
    run: Run, api: Api, changes: tuple[str, ...], message: str
) -> None:
    ended = run(*REQUEST, *changes)
    assert ended.code == 2
    assert message in ended.err
    assert not api.asked


def test_what_came_is_shown_with_its_digest(run: Run, api: Api) -> None:
    api.answers = [RECEIVED]
    ended = run(*SHOW)
    assert (ended.code, ended.err) == (0, "")
    assert api.asked[0].url.path.endswith(f"/v1/collisions/{ID}")
    for text in (f"{ID}: received", "user-1 on", "claim 4711", "claims", ANSWER["sha256"]):
        assert text in ended.out


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        (ASKED, 3, "is asked: no answer came yet"),
        ({**ASKED, "state": "requested"}, 3, "no answer came yet"),
        (UNANSWERED, 1, "as unanswered: no answer came; --again asks once more"),
        ({**UNANSWERED, "state": "too_large"}, 1, "as too_large"),
    ],
)
def test_the_exit_code_says_whether_an_answer_came(
    run: Run, api: Api, told: dict[str, Any], code: int, message: str
) -> None:
    api.answers = [told]
    for flags in ((), ("--json",)):
        ended = run(*SHOW, *flags)
        assert ended.code == code
        assert message in ended.err
    assert json.loads(ended.out) == told


def test_it_can_be_followed_to_its_end(run: Run, api: Api) -> None:
    later = httpx.Response(503, json={"message": "busy"})
    api.answers = [TAKEN, ASKED, later, RECEIVED]
    ended = run(*REQUEST, "--wait", "--json")
    assert (ended.code, json.loads(ended.out)) == (0, RECEIVED)
    assert len(api.asked) == 4


def test_who_stops_looking_on_is_told_how_to_look_again(
    run: Run, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Evidence) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence, "step", interrupt)
    api.answers = [TAKEN, ASKED]
    ended = run(*REQUEST, "--wait")
    assert ended.code == 130
    assert f"telematics collision show {ID}" in ended.err


def test_an_answer_without_an_id_is_a_failure(run: Run, api: Api) -> None:
    api.answers = [{"state": "requested"}]
    ended = run(*REQUEST)
    assert ended.code == 1
    assert "named no collision" in ended.err
