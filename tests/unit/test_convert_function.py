"""Messages in, partial failures out: one that fails is named, and the others are done."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from pyiceberg.catalog import Catalog

from functions import convert
from telematics import queues, settings
from telematics.intake import Intake
from telematics.observability import metrics
from telematics.raw import Provenance, RawKey
from tests.unit import fakes
from tests.unit.conftest import DATABASE
from tests.unit.fakes import FakeS3

GOOD = RawKey("sentiance", "badges", date(2023, 6, 4), "badges", "csv.gz")
BROKEN = RawKey("sentiance", "streaks", date(2023, 6, 4), "streaks", "csv.gz")


@dataclass
class FakeQueue:
    """Remembers when messages are to come back."""

    postponed: dict[str, int] = field(default_factory=dict)

    def change_message_visibility(self, **told: Any) -> None:
        self.postponed[told["ReceiptHandle"]] = told["VisibilityTimeout"]


@dataclass(frozen=True)
class Context(LambdaContext):
    """What Powertools reads of it."""

    function_name: str = "convert"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:convert"
    aws_request_id: str = "request"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> FakeQueue:
    zone = FakeS3().zone
    zone.put(GOOD, gzip.compress(b"user_id,state\nu1,ACTIVE\n"), Provenance("", ""))
    zone.put(BROKEN, b"no gzip at all", Provenance("", ""))
    intake = Intake(zone=zone, catalog=catalog, database=DATABASE, ledger=fakes.ledger())
    queue = FakeQueue()
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(convert, "intake", lambda: intake)
    monkeypatch.setattr(queues, "_client", lambda: queue)
    monkeypatch.setattr(queues, "settings", lambda: settings.Settings({"QUEUE_URL": "queue"}))
    return queue


def message(key: str, number: int, *, received: int = 1) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": json.dumps({"detail": {"object": {"key": key}}}),
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSource": "aws:sqs",
    }


def failures(*messages: dict[str, Any]) -> list[str]:
    answer = convert.handler({"Records": list(messages)}, Context())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_one_that_fails_is_named_and_the_others_are_done(queue: FakeQueue) -> None:
    assert failures(message(str(BROKEN), 1), message(str(GOOD), 2)) == ["message-1"]
    assert queue.postponed == {"receipt-1": queues.FIRST_WAIT_SECONDS}


def test_one_that_keeps_failing_comes_back_less_and_less_often(queue: FakeQueue) -> None:
    failures(message(str(BROKEN), 1, received=3))
    assert queue.postponed == {"receipt-1": queues.FIRST_WAIT_SECONDS * 4}
    assert queues.wait_seconds(50) == queues.LONGEST_WAIT_SECONDS


def test_what_nobody_here_put_into_raw_is_passed_by(queue: FakeQueue) -> None:
    assert failures(message("notes/from a person.txt", 1)) == []
    assert queue.postponed == {}
