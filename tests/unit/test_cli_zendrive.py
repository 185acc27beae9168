"""`telematics zendrive`: a signed call of the private API, and what its answers mean."""

import json
from collections.abc import Callable
from dataclasses import replace

import boto3
import httpx
import pytest

from infra.cli import desk
from infra.cli.target import Deployment
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import deployed

__all__ = ["telematics"]

DRIVER, ID = "2b1d34662883ca176ddc2612", "1700936581325"
KEY = "zendrive/trip_reads/day=2023-11-25/77aa.json.gz"
TAKEN = {"kind": "trip", "dataset": "trip_reads", "raw_key": KEY, "bytes": 12_345}
Zendrive = Callable[..., Ended]


class Api:
    """Answers every call alike, and keeps them."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200, json=TAKEN)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(
        desk, "client", lambda **_: httpx.Client(transport=httpx.MockTransport(api))
    )
    return api


@pytest.fixture
def zendrive(telematics: Program, api: Api) -> Zendrive:
    def run(*arguments: str) -> Ended:
        return telematics("zendrive", *arguments, stack=signed_in())

    return run


def signed_in() -> Deployment:
    session = boto3.Session(
        aws_access_key_id="id",
        aws_secret_access_key="key",  # noqa: S106 nobody's
        region_name="eu-west-1",
    )
    return replace(deployed(), session=session)


@pytest.mark.parametrize("kind", ["collision", "trip"])
def test_it_is_asked_for_in_the_body_and_shown_where_it_is(
    zendrive: Zendrive, api: Api, kind: str
) -> None:
    ended = zendrive(kind, DRIVER, ID)

    [call] = api.asked
    assert ended.code == 0
    assert f"the {kind} is in raw, 12,345 bytes" in ended.out
    assert KEY in ended.out
    assert (call.method, call.url.path.rpartition("/v1/")[2]) == ("POST", "lookups/zendrive")
    assert json.loads(call.content) == {"kind": kind, "user_id": DRIVER, "id": ID}
    assert call.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=id/")


def test_scripts_have_it_as_json(zendrive: Zendrive) -> None:
    assert json.loads(zendrive("trip", DRIVER, ID, "--json").out) == TAKEN


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, 2, "no such kind"),
        (403, 1, "no such kind"),
        (404, 1, "no such kind"),
        (503, 1, "try again in 9 s"),
    ],
)
def test_what_is_refused_ends_with_the_reason(
    zendrive: Zendrive, api: Api, status: int, code: int, said: str
) -> None:
    problem = {"type": "urn:telematics:x", "title": "X", "status": status}
    text = {"detail": "no such kind", "message": "no such kind"}
    headers = {"Retry-After": "9", "Content-Type": "application/problem+json"}
    api.answer = httpx.Response(status, json={**problem, **text}, headers=headers)

    ended = zendrive("trip", DRIVER, ID)

    assert ended.code == code
    assert said in ended.err


def test_both_names_are_needed(zendrive: Zendrive, api: Api) -> None:
    assert zendrive("collision", DRIVER).code == 2
    assert "TRIP_ID" in zendrive("trip", "--help").out
    assert api.asked == []
