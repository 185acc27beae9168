"""`telematics move label`: a signed call of the private API, and what its answers mean."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from infra.cli import desk
from infra.cli.target import Deployment
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import OUTPUTS, deployed

__all__ = ["telematics"]

TRIP = "20201016T101300.000Z-1000-person"
LABELLED = {"trip_id": TRIP, "label": "CAR", "type": "CAR"}
Label = Callable[..., Ended]


class Api:
    """Answers every call alike, and keeps the last."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200, json=LABELLED)
        self.asked: httpx.Request | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked = request
        return self.answer

    @property
    def call(self) -> httpx.Request:
        assert self.asked is not None
        return self.asked


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(
        desk, "client", lambda **_: httpx.Client(transport=httpx.MockTransport(api))
    )
    return api


@pytest.fixture
def label(telematics: Program, api: Api) -> Label:
    def run(*arguments: str, stack: Deployment | None = None) -> Ended:
        return telematics("move", "label", *arguments, stack=stack or signed_in())

    return run


def signed_in(**changes: Any) -> Deployment:
    session = boto3.Session(
        aws_access_key_id="id",
        aws_secret_access_key="key",  # noqa: S106 nobody's
        aws_session_token="token",  # noqa: S106 nobody's
        region_name="eu-west-1",
    )
    return replace(deployed(), session=session, **changes)


def test_the_trip_and_its_label_are_handed_in_and_the_answer_shown(label: Label, api: Api) -> None:
    ended = label(TRIP, "CAR")
    assert ended.code == 0
    assert f"{TRIP} is labelled CAR" in ended.out
    assert api.call.method == "PATCH"
    assert api.call.url == (
        f"http://127.0.0.1:1/_aws/execute-api/desk1/$default/v1/trips/move/{TRIP}/label"
    )
    assert json.loads(api.call.content) == {"label": "CAR"}
    assert json.loads(label(TRIP, "CAR", "--json").out) == LABELLED


def test_the_call_is_signed_for_the_api_with_the_operator_s_credentials(
    label: Label, api: Api
) -> None:
    stack = signed_in(endpoint=None)
    assert label("20201016T101300.000Z-1000-~7C %", "CAR", stack=stack).code == 0
    sent = api.call
    assert str(sent.url).startswith(f"{OUTPUTS['ApiUrl']}/v1/trips/move/")
    assert sent.headers["x-amz-security-token"] == "token"
    given = sent.headers["authorization"]
    assert given.startswith("AWS4-HMAC-SHA256 Credential=id/")
    assert "/eu-west-1/execute-api/aws4_request" in given
    assert given.endswith(signature(sent, stack))


SIGNED = ("content-type", "x-amz-date", "x-amz-security-token")


def signature(sent: httpx.Request, stack: Deployment, names: tuple[str, ...] = SIGNED) -> str:
    """As the other side makes it, from what arrived."""
    headers = {name: sent.headers[name] for name in names}
    arrived = AWSRequest(sent.method, str(sent.url), headers, sent.content)
    arrived.context["timestamp"] = sent.headers["x-amz-date"]
    credentials = stack.session.get_credentials()
    assert credentials is not None
    checker = SigV4Auth(credentials, "execute-api", "eu-west-1")
    canonical = checker.canonical_request(arrived)
    return checker.signature(checker.string_to_sign(arrived, canonical), arrived)


@pytest.mark.parametrize("trip_id", ["a/../b", "a b", "a?b=c", "a#b", "ä", "a%2Fb"])
def test_a_trip_is_one_segment_of_the_path_whatever_is_in_it(
    label: Label, api: Api, trip_id: str
) -> None:
    label(trip_id, "CAR")
    segments = api.call.url.raw_path.decode().split("/")
    assert segments[-4:-2] == ["trips", "move"]
    assert httpx.URL(f"http://x/{segments[-2]}").path == f"/{trip_id}"


@pytest.mark.parametrize("trip_id", ["", ".", ".."])
def test_what_is_no_segment_is_never_sent(label: Label, api: Api, trip_id: str) -> None:
    assert label(trip_id, "CAR").code == 2
    assert api.asked is None


@pytest.mark.parametrize(
    ("status", "message", "code", "shown"),
    [
        (400, "the label is none", 2, "the label is none"),
        (403, "MOVE answered 403: the person is blocked", 1, "the person is blocked (403)"),
        (403, "Forbidden", 1, "execute-api:Invoke"),
        (404, "MOVE knows no such trip", 1, "MOVE knows no such trip (404)"),
        (422, "MOVE answered 422", 1, "MOVE answered 422 (422)"),
        (429, "Too Many Requests", 1, "try again later"),
        (500, "Internal Server Error", 1, "Internal Server Error (500)"),
        (503, "MOVE answered 502", 1, "MOVE answered 502 (503): try again later"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(
    label: Label, api: Api, status: int, message: str, code: int, shown: str
) -> None:
    api.answer = httpx.Response(status, json={"message": message})
    ended = label(TRIP, "CAR")
    assert ended.code == code
    assert shown in ended.err
    assert len(ended.err.splitlines()) == 1
    assert ended.out == ""


def test_it_says_when_to_try_again_where_that_is_known(label: Label, api: Api) -> None:
    told: Mapping[str, str] = {"message": "MOVE answered 429"}
    api.answer = httpx.Response(503, json=told, headers={"Retry-After": "30"})
    assert "try again in 30 s" in label(TRIP, "CAR").err


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_an_answer_that_is_no_object_is_a_refusal_all_the_same(
    label: Label, api: Api, body: bytes
) -> None:
    api.answer = httpx.Response(502, content=body)
    ended = label(TRIP, "CAR")
    assert ended.code == 1
    assert "Bad Gateway (502)" in ended.err


def test_no_answer_tells_nothing_of_the_trip(
    label: Label, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way to {request.url}")

    monkeypatch.setattr(
        desk, "client", lambda **_: httpx.Client(transport=httpx.MockTransport(fail))
    )
    ended = label(TRIP, "CAR")
    assert ended.code == 1
    assert "no answer from the API of the test stack (ConnectError)" in ended.err
    assert "person" not in ended.err


def test_proxies_of_the_machine_lead_to_aws_only() -> None:
    for uses_proxies in (True, False):
        with desk.client(uses_proxies=uses_proxies) as made:
            assert made.trust_env is uses_proxies
            assert made.timeout.connect == desk.CONNECT_SECONDS
