"""A label from a caller to the provider, its answer to raw, and every refusal in words."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx
import pytest

from functions import label_trip
from telematics import http, labels, raw, secrets, settings
from telematics.observability import metrics
from telematics.providers.move import labels as move_labels
from telematics.secrets import Secrets
from telematics.users import gate
from tests.unit import private_call
from tests.unit.fakes import FakeS3
from tests.unit.lambda_call import Context
from tests.unit.move_server import (
    DRIVE,
    KEY,
    PERSON,
    PRODUCT,
    SECRETS,
    Server,
    answering,
    ok,
    payload,
    status,
)
from tests.unit.private_call import answered
from tests.unit.user_world import UserWorld

LABELLED = payload("answer_label_of_a_drive")


@dataclass
class Given:
    """What is around the function: a secret, a bucket and MOVE."""

    server: Server
    s3: FakeS3 = field(default_factory=FakeS3)
    secret: str = json.dumps(
        {
            "product_id": PRODUCT,
            "api_key": KEY,
            "timeline_secret": "t",
            "notifications_secret": "n",
        }
    )

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": self.secret}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Given]:
    def given(server: Server, **other: Any) -> Given:
        here = Given(server, **other)
        environment = {
            "PROVIDER": "move",
            "PROVIDER_BASE_URL": "https://move.example",
            "SECRET_ARN": "arn",
        }
        readable = Secrets(cast(Any, here))  # Any: it stands in for a client of AWS
        patience = replace(move_labels.PATIENCE, sleep=server.waits.append, jitter=lambda: 1.0)
        monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
        monkeypatch.setattr(labels, "settings", lambda: settings.Settings(environment))
        monkeypatch.setattr(secrets, "deployed", lambda: readable)
        monkeypatch.setattr(raw, "deployed", lambda: here.s3.zone)
        monkeypatch.setattr(gate, "deployed", UserWorld().gate)
        monkeypatch.setattr(http, "prompt", lambda: server.http)
        monkeypatch.setattr(move_labels, "PATIENCE", patience)
        return here

    return given


def event(trip_id: str = str(DRIVE), body: str | None = '{"label": "CAR"}') -> dict[str, Any]:
    return private_call.event(
        "PATCH /v1/trips/move/{trip_id}/label", body, path={"trip_id": trip_id}
    )


def answer(given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Any: what a JSON object holds."""
    return answered(label_trip.handler(given, Context()))[:2]


def test_a_trip_is_labelled_and_told_as_it_is_now(given: Callable[..., Given]) -> None:
    here = given(answering(ok(LABELLED)))

    code, body = answer(event())

    assert code == 200
    assert body == {"trip_id": str(DRIVE), "label": "CAR", "type": "CAR"}
    assert here.server.paths == ["PATCH /timeline/v1_5/label/1709622750/CAR"]


def test_the_answer_is_kept_in_raw_byte_for_byte(given: Callable[..., Given]) -> None:
    here = given(answering(ok(LABELLED)))

    answer(event())

    [(key, content)] = here.s3.objects.items()
    assert key.startswith("move/timeline_items/day=2024-03-05/label-")
    assert key.endswith(".json.gz")
    plain = gzip.decompress(content)
    assert LABELLED.strip() in plain
    [entry] = json.loads(plain)
    assert (entry["asked"], entry["trip"]) == ("label", None)
    assert entry["answer"] == json.loads(LABELLED)


def test_a_body_in_base64_is_the_same_body(given: Callable[..., Given]) -> None:
    given(answering(ok(LABELLED)))
    encoded = event(body=base64.b64encode(b'{"label":"CAR"}').decode())
    encoded["isBase64Encoded"] = True

    assert answer(encoded)[0] == 200


@pytest.mark.parametrize(
    "body",
    [None, "", "CAR", "[]", "{}", '{"label": 1}', '{"label": "CAR"', '{"label": null}', "[" * 9999],
)
def test_a_body_that_says_no_label_is_answered_with_one_that_does(
    given: Callable[..., Given], body: str | None
) -> None:
    here = given(answering(ok(LABELLED)))

    code, told = answer(event(body=body))

    assert code == 400
    assert told["errors"][0]["field"] in ("body", "label")
    assert here.server.requests == []


def test_a_body_that_is_no_base64_is_no_body(given: Callable[..., Given]) -> None:
    given(answering(ok(LABELLED)))
    broken = event(body="a")
    broken["isBase64Encoded"] = True

    assert answer(broken)[0] == 400


@pytest.mark.parametrize("label", ["", "car", "BY CAR", "CAR/../X", "A" * 41, "ÄUTO"])
def test_a_label_that_is_none_is_answered_with_what_is(
    given: Callable[..., Given], label: str
) -> None:
    here = given(answering(ok(LABELLED)))

    code, told = answer(event(body=json.dumps({"label": label})))

    assert code == 400
    assert "capital letters, digits and underscores, like CAR" in told["detail"]
    assert here.server.requests == []


@pytest.mark.parametrize("label", ["CAR", "PUBLIC_TRANSPORT", "E_SCOOTER_2", "A" * 40])
def test_labels_that_nobody_has_heard_of_are_for_the_provider_to_judge(
    given: Callable[..., Given], label: str
) -> None:
    here = given(answering(ok(LABELLED)))

    assert answer(event(body=json.dumps({"label": label})))[0] == 200
    assert here.server.paths == [f"PATCH /timeline/v1_5/label/1709622750/{label}"]


@pytest.mark.parametrize("trip_id", ["17", f"{PERSON}'s", "20201016T101300.000Z-4711-"])
def test_an_id_that_is_none_is_answered_with_one_that_is(
    given: Callable[..., Given], trip_id: str
) -> None:
    here = given(answering(ok(LABELLED)))

    code, told = answer(event(trip_id))

    assert code == 400
    assert "like 20201016T101300.000Z-1000-123456789" in told["detail"]
    assert here.server.requests == []


def test_a_trip_of_another_product_is_not_ours(given: Callable[..., Given]) -> None:
    here = given(answering(ok(LABELLED)))

    code, told = answer(event(str(replace(DRIVE, product="1000"))))

    assert code == 404
    assert told["detail"] == "the trip is of another product than the one that is configured"
    assert here.server.requests == []


@pytest.mark.parametrize(
    ("refused", "code", "message"),
    [
        (404, 404, "Dolphin MOVE knows no such trip"),
        (403, 403, "the person is blocked there"),
        (401, 422, "Dolphin MOVE answered 401: are product_id and api_key right?"),
        (400, 422, "Dolphin MOVE answered 400"),
        (409, 422, "Dolphin MOVE answered 409"),
    ],
)
def test_a_refusal_is_told_and_nothing_kept(
    given: Callable[..., Given], refused: int, code: int, message: str
) -> None:
    here = given(answering(status(refused)))

    found, told = answer(event())

    assert found == code
    assert message in told["detail"]
    assert here.s3.objects == {}


@pytest.mark.parametrize(
    ("busy", "seconds"),
    [
        (status(503), "30"),
        (status(429, retry_after="120"), "120"),
        (httpx.ReadTimeout("late"), "30"),
        (ok("<html>"), "30"),
    ],
)
def test_a_busy_provider_is_tried_twice_and_then_left_for_later(
    given: Callable[..., Given], busy: httpx.Response | Exception, seconds: str
) -> None:
    here = given(answering(busy))

    response = label_trip.handler(event(), Context())

    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"] == seconds
    assert len(here.server.requests) <= 2
    assert here.s3.objects == {}


@pytest.mark.parametrize("secret", ["", "{}", '{"product_id": "4711"}', "no json"])
def test_without_keys_the_message_says_how_to_configure_them(
    given: Callable[..., Given], secret: str
) -> None:
    given(answering(ok(LABELLED)), secret=secret)

    code, told = answer(event())

    assert code == 503
    assert "telematics configure move" in told["detail"]


def test_neither_answers_nor_logs_name_anybody(
    given: Callable[..., Given],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers = [ok(LABELLED), *(status(code) for code in (400, 401, 403, 404, 503))]
    said = []
    for one in answers:
        given(answering(one))
        said.append(label_trip.handler(event(), Context()))
    given(answering(ok(LABELLED)))
    said.append(label_trip.handler(event(body="x"), Context()))

    logged = [str(vars(one)) for one in caplog.records]
    shown = "\n".join([*logged, capsys.readouterr().out, *(one["body"] for one in said[1:])])
    assert "call refused" in shown
    assert "trip labelled" in shown
    assert all(secret not in shown for secret in SECRETS)
