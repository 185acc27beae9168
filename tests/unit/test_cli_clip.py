"""`telematics clip`: footage asked for, followed to its end, and shown with its custody record."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from infra.cli import desk, footage, looking
from infra.cli.desk import Desk
from infra.cli.footage import Footage, followed
from tests.unit import dashcam_provider
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import WITH_DASHCAMS
from tests.unit.test_cli_move import signature, signed_in

__all__ = ["telematics"]

ID = "clip-5f2c0e8f9a7b6c5d4e3f2a1b"
TAKEN = {"clip_id": ID, "state": "requested", "joined": False}
PENDING: dict[str, Any] = {
    "clip_id": ID,
    "provider": "dashcam",
    "device": "device-1",
    "camera": "ALL",
    "at": "2024-03-05T07:12:30Z",
    "duration_s": 30,
    "state": "pending",
    "requests": [
        {"requester": "claims", "reason": "claim 4711", "requested_at": "2024-03-06T09:00:00Z"}
    ],
    "deadline_at": "2024-03-09T09:00:00Z",
    "cameras": {"C_F": "uploaded", "C_I": "clipping"},
    "videos": [],
    "missing": [],
    "reason": "",
}
VIDEO: dict[str, Any] = {
    "capture_mode": "C_F",
    "file_name": "front.mp4",
    "media_key": f"dashcam/{ID}/C_F-front.mp4",
    "bytes": 12_345_678,
    "sha256": "ab" * 32,
    "container": "mp4",
    "stored_at": "2024-03-06T09:05:00Z",
}
STORED = {**PENDING, "state": "stored", "videos": [VIDEO]}
PARTLY = {
    **STORED,
    "state": "partly_stored",
    "missing": [{"camera": "C_I", "reason": "video not found"}],
    "reason": "1 of 2 videos",
}
GONE = {**PENDING, "state": "gone", "reason": "there is no such video (D_E20001)"}
REQUEST = (
    *("clip", "request", "--device", "device-1", "--at", "2024-03-05T08:12:30.9+01:00"),
    *("--reason", "claim 4711"),
)
SHOW = ("clip", "show", ID)
Answer = httpx.Response | dict[str, Any]


@dataclass
class Api:
    """Answers in turn, the last one for ever; keeps what it was asked."""

    answers: list[Answer] = field(default_factory=lambda: [dict(TAKEN)])
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
    dashcam_provider.known(monkeypatch)
    return api


@pytest.fixture
def run(telematics: Program, api: Api) -> Run:
    def call(*arguments: str) -> Ended:
        return telematics(*arguments, stack=signed_in(outputs=WITH_DASHCAMS))

    return call


def test_footage_is_asked_for_and_its_id_is_told(run: Run, api: Api) -> None:
    ended = run(*REQUEST)
    assert ended.code == 0
    assert f"{ID} is requested" in ended.out
    assert f"telematics clip show {ID}" in ended.err
    [sent] = api.asked
    assert (sent.method, sent.url.path[-9:]) == ("POST", "/v1/clips")
    assert api.bodies == [
        {
            "device": "device-1",
            "at": "2024-03-05T07:12:30Z",
            "camera": "ALL",
            "duration_s": 30,
            "reason": "claim 4711",
        }
    ]


def test_the_answer_for_scripts_is_that_of_the_api(run: Run, api: Api) -> None:
    api.answers = [{**TAKEN, "joined": True}]
    assert json.loads(run(*REQUEST, "--json").out) == {**TAKEN, "joined": True}
    assert "others had asked for it before" in run(*REQUEST).out


def test_camera_length_and_requester_can_be_chosen(run: Run, api: Api) -> None:
    run(*REQUEST, "--camera", "C_F", "--duration", "90", "--requester", "claims")
    [body] = api.bodies
    assert (body["camera"], body["duration_s"], body["requester"]) == ("C_F", 90, "claims")


def test_the_same_command_has_the_same_key_and_it_is_signed(run: Run, api: Api) -> None:
    run(*REQUEST)
    run(*REQUEST, "--camera", "ALL", "--duration", "30")
    run(*REQUEST, "--camera", "C_F")
    first, second, other = (one.headers["idempotency-key"] for one in api.asked)
    assert first == second != other
    assert 20 < len(first) <= 255
    given = api.asked[0].headers["authorization"]
    assert "idempotency-key" in given
    assert "claim" not in first
    assert "device-1" not in first
    names = ("content-type", "idempotency-key", "x-amz-date", "x-amz-security-token")
    assert given.endswith(signature(api.asked[0], signed_in(), names))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("--at", "2024-03-05T07:12:30"), "with its zone"),
        (("--at", "yesterday"), "with its zone"),
        (("--at", "2999-01-01T00:00:00Z"), "still to come"),
        (("--duration", "0"), "--duration"),
        (("--duration", "86401"), "--duration"),
    ],
)
def test_what_makes_no_sense_is_never_sent(
    run: Run, api: Api, changes: tuple[str, ...], message: str
) -> None:
    ended = run(*REQUEST, *changes)
    assert ended.code == 2
    assert message in ended.err
    assert not api.asked


@pytest.mark.parametrize("command", [REQUEST, SHOW])
def test_without_a_provider_that_makes_clips_it_is_said_in_one_line(
    run: Run, api: Api, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    dashcam_provider.unknown(monkeypatch)
    ended = run(*command)
    assert ended.code == 2
    assert ended.err.splitlines() == ["telematics: no provider here makes clips"]
    assert not api.asked


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "duration_s is a whole number from 1 to 86400", 2),
        (404, "there is no such clip", 1),
        (409, "the key was used for another request", 1),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(
    run: Run, api: Api, status: int, message: str, code: int
) -> None:
    api.answers = [httpx.Response(status, json={"message": message})]
    for command in (REQUEST, SHOW):
        ended = run(*command)
        assert ended.code == code
        assert message in ended.err
        assert len(ended.err.splitlines()) == 1


def test_an_answer_without_a_clip_is_a_failure(run: Run, api: Api) -> None:
    api.answers = [{"state": "requested"}]
    ended = run(*REQUEST)
    assert ended.code == 1
    assert "named no clip" in ended.err


def test_what_is_stored_is_shown_with_all_that_proves_it(run: Run, api: Api) -> None:
    api.answers = [STORED]
    ended = run(*SHOW)
    assert (ended.code, ended.err) == (0, "")
    assert api.asked[0].url.path.endswith(f"/v1/clips/{ID}")
    for text in (
        f"{ID}: stored",
        "device-1, camera ALL, 30 s at 2024-03-05T07:12:30Z",
        "claims: claim 4711",
        "12,345,678",
        VIDEO["sha256"],
        VIDEO["media_key"],
        VIDEO["stored_at"],
    ):
        assert str(text) in ended.out
    assert "given up" not in ended.out
    assert "missing" not in ended.out


def test_while_it_is_not_stored_each_camera_s_progress_is_shown(run: Run, api: Api) -> None:
    api.answers = [PENDING]
    ended = run(*SHOW)
    assert ended.code == 3
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["C_F", "uploaded"] in lines
    assert ["C_I", "clipping"] in lines
    assert "given up at 2024-03-09T09:00:00Z" in ended.out
    assert "is pending: the footage is not there yet" in ended.err


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        (PARTLY, 3, "only a part of"),
        (GONE, 1, "as gone: there is no such video (D_E20001)"),
        ({**GONE, "state": "deadline"}, 1, "asking for it once more begins anew"),
        ({**PENDING, "state": "busy"}, 3, "not there yet"),
        ({**PENDING, "state": "requested"}, 3, "not there yet"),
    ],
)
def test_the_exit_code_says_how_it_stands(
    run: Run, api: Api, told: dict[str, Any], code: int, message: str
) -> None:
    api.answers = [told]
    ended = run(*SHOW, "--json")
    assert ended.code == code
    assert message in ended.err
    assert json.loads(ended.out) == told


def test_what_is_missing_is_named_with_its_reason(run: Run, api: Api) -> None:
    api.answers = [PARTLY]
    assert ["C_I", "video", "not", "found"] in [
        line.split() for line in run(*SHOW).out.splitlines()
    ]


def test_what_an_api_leaves_out_is_shown_as_nothing(run: Run, api: Api) -> None:
    api.answers = [{"task_id": ID, "state": "stored", "videos": [{}, "x"], "cameras": None}]
    ended = run(*SHOW)
    assert ended.code == 0
    assert f"{ID}: stored" in ended.out


def test_it_waits_until_everything_is_stored(run: Run, api: Api) -> None:
    api.answers = [dict(TAKEN), PENDING, PENDING, STORED]
    ended = run(*REQUEST, "--wait")
    assert ended.code == 0
    assert VIDEO["sha256"] in ended.out
    assert [one.method for one in api.asked] == ["POST", "GET", "GET", "GET"]


def test_it_waits_for_a_bad_end_too(run: Run, api: Api) -> None:
    api.answers = [dict(TAKEN), PENDING, GONE]
    ended = run(*REQUEST, "--wait", "--json")
    assert ended.code == 1
    assert json.loads(ended.out) == GONE


def busy() -> httpx.Response:
    return httpx.Response(503, json={"message": "busy"})


def test_an_api_that_is_busy_for_a_moment_does_not_end_the_waiting(run: Run, api: Api) -> None:
    api.answers = [dict(TAKEN), busy(), busy(), PENDING, busy(), STORED]
    assert run(*REQUEST, "--wait").code == 0


def test_an_api_that_stays_busy_does(run: Run, api: Api) -> None:
    api.answers = [dict(TAKEN), busy()]
    ended = run(*REQUEST, "--wait")
    assert ended.code == 1
    assert "try again later" in ended.err
    assert len(api.asked) == 1 + looking.FAILURES


def test_interrupted_it_says_how_to_go_on(
    run: Run, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(footage, "step", interrupt)
    api.answers = [dict(TAKEN), PENDING]
    ended = run(*REQUEST, "--wait")
    assert ended.code == 130
    assert f"goes on in the stack: telematics clip show {ID}" in ended.err


def test_it_looks_less_often_on_aws(api: Api) -> None:
    api.answers = [PENDING, STORED]
    waits: list[float] = []
    there = Desk(signed_in(outputs=WITH_DASHCAMS, endpoint=None))
    assert [one.state for one in followed(there, ID, pause=waits.append)] == ["pending", "stored"]
    assert waits == [looking.PAUSE_SECONDS_ON_AWS]


def test_a_step_tells_how_many_cameras_are_done() -> None:
    step = footage.step(Footage(PENDING))
    assert (step.done, step.total) == (1, 2)
    assert step.detail == "pending, C_F uploaded, C_I clipping"
    assert footage.step(Footage({"state": "requested"})).total == 0
