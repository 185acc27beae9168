"""Messages in, partial failures out: one that fails is named, and the others are done."""

import gzip
import json
from datetime import date
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from functions import convert
from telematics import intake, queues, settings
from telematics.announced import Announced
from telematics.intake import Intake
from telematics.observability import logger, metrics
from telematics.raw import Provenance, RawKey
from tests.unit import fakes, lambda_call
from tests.unit.conftest import DATABASE
from tests.unit.fakes import FakeS3
from tests.unit.lambda_call import Context, FakeQueue
from tests.unit.user_world import UserWorld

GOOD = RawKey("sentiance", "badges", date(2023, 6, 4), "badges", "csv.gz")
BROKEN = RawKey("sentiance", "streaks", date(2023, 6, 4), "streaks", "csv.gz")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> FakeQueue:
    zone = FakeS3().zone
    zone.put(GOOD, gzip.compress(b"user_id,state\nu1,ACTIVE\n"), Provenance("", ""))
    zone.put(BROKEN, b"no gzip at all", Provenance("", ""))
    here = Intake(
        zone=zone,
        catalog=catalog,
        database=DATABASE,
        ledger=fakes.ledger(),
        gate=UserWorld().gate(),
    )
    queue = FakeQueue()
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(intake, "deployed", lambda: here)
    monkeypatch.setattr(queues, "_client", lambda: queue)
    monkeypatch.setattr(queues, "settings", lambda: settings.Settings({"QUEUE_URL": "queue"}))
    return queue


def message(key: str, number: int, *, received: int = 1) -> dict[str, Any]:
    body = json.dumps({"detail": {"object": {"key": key}}})
    return lambda_call.message(body, number, received=received)


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


def test_an_object_is_loaded_again_only_if_the_message_says_so(
    queue: FakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[object] = []
    monkeypatch.setattr(logger, "info", lambda text, **_: loads.append(text))
    again = lambda_call.message(Announced(GOOD, again=True).body, 3)
    for one in (message(str(GOOD), 1), message(str(GOOD), 2), again):
        assert failures(one) == []
    assert loads.count("object loaded") == 2
