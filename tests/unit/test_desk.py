"""What every call of the private API shares: read alike, refused alike, described alike."""

import base64
import json
from typing import Annotated, Any, cast

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import StringConstraints

from telematics import desk
from telematics.errors import (
    Busy,
    Forbidden,
    InvalidRequest,
    MalformedPayload,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.events import NotAnnounced
from tests.unit.lambda_call import Context
from tests.unit.private_call import Answered, answered, event


class Stolen(TelematicsError):
    """Somebody else has it."""


class Wanted(desk.Told):
    size: int


class Given(desk.Told):
    name: str
    size: int
    by: str
    key: str


Name = Annotated[str, StringConstraints(max_length=5), desk.decoded, Path()]
ROUTER = desk.router({Stolen: 409})
ERRORS: dict[str, Exception] = {
    "odd": InvalidRequest("say it otherwise"),
    "shut": Forbidden("the keys may not"),
    "no": ProviderRefused("not like this"),
    "unset": MissingSetting("run configure"),
    "lost": NotAnnounced("the bus took nothing"),
    "gone": NotFound("there is no such thing"),
    "taken": Stolen("somebody else has it"),
    "busy": ProviderBusy("later", retry_after_seconds=6.2),
    "calm": Busy("somebody works on it"),
    "fault": MalformedPayload("not for callers"),
}


@ROUTER.put("/v1/hats/<name>", status_code=201, responses=desk.answers(201, 404, 409))
def give(
    name: Name,
    wanted: Annotated[Wanted, Body()],
    by: desk.Caller,
    key: desk.IdempotencyKey = "",
) -> Given:
    if name in ERRORS:
        raise ERRORS[name]
    size: Any = "large" if wanted.size == 13 else wanted.size  # Any: wrong on purpose
    return cast(Given, {"name": name, "size": size, "by": by, "key": key})


def call(name: str = "bowl", body: object = '{"size": 7}', **changes: Any) -> Answered:
    told = event("PUT /v1/hats/{name}", body, path={"name": name})
    return answered(desk.answer({**told, **changes}, Context(), by=ROUTER))


def test_a_call_is_answered() -> None:
    status, told, headers = call(headers={"idempotency-key": "key-1"})
    assert (status, headers["Content-Type"]) == (201, "application/json")
    assert told == {"name": "bowl", "size": 7, "by": "ClaimsDesk", "key": "key-1"}


@pytest.mark.parametrize("name", ["a/b", "%2F", "é", "a b", "?", "%", "..", "a:b"])
def test_whatever_stands_in_a_path_arrives_as_it_was_meant(name: str) -> None:
    assert call(name)[:2] == (201, {"name": name, "size": 7, "by": "ClaimsDesk", "key": ""})


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_is_read_whatever_its_sender_calls_it(kind: str) -> None:
    assert call(headers={"Content-Type": kind})[0] == 201


def test_a_body_in_base64_is_the_same_body() -> None:
    body = base64.b64encode(b'{"size": 7}').decode()
    assert call(body=body, isBase64Encoded=True)[0] == 201


@pytest.mark.parametrize("body", ["a", base64.b64encode(b"\xff").decode()])
def test_a_body_that_is_no_text_is_refused(body: str) -> None:
    status, told, headers = call(body=body, isBase64Encoded=True)
    assert (status, told["detail"]) == (400, "the body is not text")
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"x"', "7", '[{"size": 7}]', "[" * 9999, '{"size": NaN}', '{"size":"\\ud800"}'],
)
def test_a_body_that_is_no_json_object_is_refused(body: str) -> None:
    status, told, _ = call(body=body)
    assert (status, told["detail"]) == (400, "body: it is not a JSON object")


@pytest.mark.parametrize("body", [None, "", "null"])
def test_a_body_that_is_missing_is_refused(body: str | None) -> None:
    assert call(body=body)[0] == 400


def test_a_senseless_call_is_told_which_fields_are_amiss_and_not_what_was_in_them() -> None:
    status, told, headers = call("bowler", '{"size": "secret", "colour": "hidden"}')

    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert (told["type"], told["title"], told["status"]) == (
        "urn:telematics:invalid-request",
        "Invalid request",
        400,
    )
    assert [one["field"] for one in told["errors"]] == ["name", "size", "colour"]
    assert "name: String should have at most 5 characters" in told["detail"]
    assert not {"bowler", "secret", "hidden"} & set(json.dumps(told).replace('"', " ").split())


def test_a_key_that_is_no_key_is_refused() -> None:
    for key in ("k" * 256, "clé"):
        assert call(headers={"idempotency-key": key})[1]["errors"][0]["field"] == "idempotency-key"


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("odd", 400, "invalid-request"),
        ("shut", 403, "forbidden"),
        ("gone", 404, "not-found"),
        ("taken", 409, "stolen"),
        ("no", 422, "provider-refused"),
    ],
)
def test_a_refusal_says_what_it_is(name: str, status: int, kind: str) -> None:
    code, told, headers = call(name)
    assert (code, told["status"], told["type"]) == (status, status, f"urn:telematics:{kind}")
    assert told["detail"] == str(ERRORS[name])
    assert "errors" not in told
    assert "Retry-After" not in headers


@pytest.mark.parametrize(
    ("name", "wait"), [("busy", "7"), ("calm", "5"), ("unset", "5"), ("lost", "5")]
)
def test_what_may_work_later_says_when(name: str, wait: str) -> None:
    code, _, headers = call(name)
    assert (code, headers["Retry-After"]) == (503, wait)


def test_a_fault_that_is_no_refusal_is_no_answer() -> None:
    with pytest.raises(MalformedPayload):
        call("fault")


def test_an_answer_that_nobody_promised_is_our_fault_and_says_nothing() -> None:
    status, told, _ = call(body='{"size": 13}')
    assert (status, told["type"]) == (500, "urn:telematics:internal-error")
    assert "large" not in json.dumps(told)


def test_a_call_that_nobody_declared_is_not_found() -> None:
    status, told, headers = call(routeKey="PUT /v1/shoes", rawPath="/v1/shoes")
    assert (status, told["status"]) == (404, 404)
    assert headers["Content-Type"] == "application/problem+json"


def test_who_is_no_role_is_the_api() -> None:
    assert desk.caller({}) == "api"
    assert desk.caller({"requestContext": {"authorizer": {"iam": {"userArn": "x"}}}}) == "api"
