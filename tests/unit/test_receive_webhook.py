"""The function behind a webhook: what it answers, counts and logs, and what it does not import."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions import receive_webhook
from telematics import webhooks
from telematics.observability import logger, metrics
from telematics.webhooks import HttpEvent
from tests.unit.signed_deliveries import MOVE, SECRET, Received, event, payload

ROOT = Path(__file__).parent.parent.parent
BODY = payload("timeline.json")
TOO_SLOW = ("pydantic", "httpx", "pyarrow", "pyiceberg", "orjson", "pandas", "numpy")
RESOLVER = "aws_lambda_powertools.event_handler"


@dataclass(frozen=True)
class Context(LambdaContext):
    """What Powertools reads of it."""

    function_name: str = "receive_webhook"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:receive_webhook"
    aws_request_id: str = "request"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Received:
    made = Received()
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Telematics")  # of a single metric
    monkeypatch.setattr(webhooks, "deployed", lambda: made.receiver)
    return made


class Told:
    """What the last call wrote: metrics with their values, and everything it said."""

    def __init__(self, said: str) -> None:
        self.said = said
        lines = [json.loads(line) for line in said.splitlines()]
        self.metrics: dict[str, Any] = {  # Any: as EMF has it
            name: line
            for line in lines
            if "_aws" in line
            for group in line["_aws"]["CloudWatchMetrics"]
            for name in (one["Name"] for one in group["Metrics"])
        }

    @property
    def signed_by(self) -> object:
        return self.metrics["WebhookSignedBy"]["secret"]


def call(told: HttpEvent, capsys: pytest.CaptureFixture[str]) -> tuple[Any, Told]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logger.registered_handler, "stream", sys.stdout)  # that of this very test
        answer = receive_webhook.handler(told, Context())
    return answer, Told(capsys.readouterr().out)


def test_a_delivery_is_answered_with_200_and_counted(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, told = call(event(BODY), capsys)
    assert answer == {"statusCode": 200, "body": ""}
    assert {*told.metrics} == {"WebhookCalls", "WebhookAccepted", "WebhookSignedBy"}
    assert told.signed_by == "current"
    assert [*here.s3.objects.values()] == [BODY]


def test_the_answer_is_the_one_that_the_sender_takes_for_success(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = replace(MOVE, webhooks=(replace(MOVE.webhooks[0], answer='{"ok":true}'),))
    here.receiver = replace(here.receiver, provider=provider)
    answer, _ = call(event(BODY), capsys)
    headers = {"content-type": "application/json"}
    assert answer == {"statusCode": 200, "body": '{"ok":true}', "headers": headers}


def test_a_delivery_signed_with_the_secret_before_is_counted_as_such(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    here.manager.put({"timeline_secret": "new", "timeline_secret_previous": SECRET})
    _, told = call(event(BODY), capsys)
    assert told.signed_by == "previous"


def test_a_signed_body_that_is_not_as_documented_is_kept_and_counted(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, told = call(event(payload("no_json.txt")), capsys)
    assert answer["statusCode"] == 200
    assert {"WebhookAccepted", "WebhookUnexpected"} <= {*told.metrics}
    assert [*here.s3.objects.values()] == [payload("no_json.txt")]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"key": "wrong"}, 401, "bad_signature"),
        ({"headers": {}}, 401, "no_signature"),
        ({"body": ""}, 401, "empty_body"),
        ({"body": "x" * 10_000_000}, 413, "too_large"),
        ({"routeKey": "", "rawPath": "/"}, 404, "unknown_webhook"),
    ],
)
def test_a_refusal_tells_the_caller_nothing_and_us_why(
    here: Received,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    answer, told = call(event(BODY, **changes), capsys)
    assert answer == {"statusCode": status}
    assert {*told.metrics} == {"WebhookCalls", "WebhookRefused"}
    assert told.metrics["WebhookRefused"]["reason"] == reason
    assert here.s3.objects == {}


def test_without_a_secret_the_sender_is_asked_to_come_again(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    here.manager.text = None
    answer, told = call(event(BODY), capsys)
    assert answer == {"statusCode": 503}
    assert told.metrics["WebhookRefused"]["reason"] == "not_configured"
    assert "telematics configure move" in told.said


def test_a_secret_that_cannot_be_read_is_an_error_of_ours(
    here: Received, capsys: pytest.CaptureFixture[str]
) -> None:
    here.manager.refuses = "AccessDeniedException"
    with pytest.raises(ClientError):
        call(event(BODY), capsys)
    assert here.s3.objects == {}
    assert {*Told(capsys.readouterr().out).metrics} == {"WebhookCalls"}


@pytest.mark.parametrize("name", ["timeline.json", "timeline_without_a_start.json"])
def test_no_log_shows_who_drove_or_how_it_was_signed(
    here: Received, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    signed = event(payload(name))
    said = call(signed, capsys)[1].said + call(event(payload(name), key="no"), capsys)[1].said
    assert "webhook stored" in said
    for secret in ("123456789", "2020-10-16T10", SECRET, *signed["headers"].values()):
        assert secret not in said


def test_its_import_loads_none_of_the_slow_packages() -> None:
    program = "import sys, functions.receive_webhook; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "telematics.webhooks" in loaded
    assert not {one.partition(".")[0] for one in loaded} & {*TOO_SLOW}
    assert not [one for one in loaded if one.startswith(RESOLVER)]


def test_a_delivery_loads_none_of_them_either() -> None:
    program = (
        "import sys; from telematics.providers.move import deliveries;"
        " deliveries.day('timeline', b'{\"items\":[]}'); print(*sys.modules)"
    )
    loaded = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not {one.partition(".")[0] for one in loaded} & {*TOO_SLOW}
