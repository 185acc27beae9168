"""Messages of three kinds: a notification, one again, people to be reconciled."""

import json

import pytest

from functions import enrich
from telematics import events, ledger, queues, raw, settings
from telematics.enrichment import messages, sources, work
from telematics.enrichment.sources import Fate
from telematics.observability import metrics
from telematics.raw import RawKey
from telematics.users import gate
from tests.unit.lambda_call import Context, FakeQueue, message
from tests.unit.test_enriching import KEY, Desk, Source
from tests.unit.test_reconciling import Source as People
from tests.unit.test_reconciling import request

ENVIRONMENT = {"PROVIDER": "move", "ROUNDS": "2", "FIRST_WAIT_SECONDS": "15", "QUEUE_URL": "queue"}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> FakeQueue:
    queue = FakeQueue()
    here = settings.Settings(ENVIRONMENT)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(queues, "_client", lambda: queue)
    monkeypatch.setattr(queues, "settings", lambda: here)
    monkeypatch.setattr(work, "settings", lambda: here)
    return queue


def deploy(monkeypatch: pytest.MonkeyPatch, desk: Desk, source: object = None) -> None:
    monkeypatch.setattr(sources, "source", lambda _: source or desk.source)
    monkeypatch.setattr(raw, "deployed", lambda: desk.s3.zone)
    monkeypatch.setattr(ledger, "deployed", lambda: desk.ledger)
    monkeypatch.setattr(gate, "deployed", desk.users.gate)
    monkeypatch.setattr(events, "deployed", lambda: desk.bus.bus)


def failures(*bodies: str) -> list[str]:
    records = [message(body, number) for number, body in enumerate(bodies)]
    answer = enrich.handler({"Records": records}, Context())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def created(key: RawKey) -> str:
    return json.dumps({"source": "aws.s3", "detail": {"object": {"key": str(key), "size": 1}}})


def test_a_stored_notification_is_enriched(
    monkeypatch: pytest.MonkeyPatch, queue: FakeQueue
) -> None:
    desk = Desk("t1", "t2")
    deploy(monkeypatch, desk)
    assert failures(created(KEY)) == []
    assert (desk.row.pending, queue.sent) == ((), [])


def test_what_is_unknown_comes_back_later_and_later_and_then_waits_for_the_night(
    monkeypatch: pytest.MonkeyPatch, queue: FakeQueue
) -> None:
    desk = Desk("t1", source=Source(later={"t1": Fate.UNKNOWN}))
    deploy(monkeypatch, desk)
    failures(created(KEY))
    for _ in range(2):
        failures(queue.sent[-1]["MessageBody"])
    assert [one["DelaySeconds"] for one in queue.sent] == [15, 30]
    assert desk.row.pending == (0,)


def test_one_that_fails_is_named_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch, queue: FakeQueue
) -> None:
    desk = Desk("t1", source=Source(busy_at="t1"))
    deploy(monkeypatch, desk)
    gone = RawKey("move", "timeline", KEY.day, "gone", "json")
    assert failures(created(KEY), created(gone)) == ["message-0"]
    assert list(queue.postponed) == ["receipt-0"]


def test_a_message_of_nobody_ends_among_the_dead_letters(queue: FakeQueue) -> None:
    assert failures("{}", "no json") == ["message-0", "message-1"]


def test_people_are_reconciled(monkeypatch: pytest.MonkeyPatch, queue: FakeQueue) -> None:
    desk = Desk()
    deploy(monkeypatch, desk, People({"u1": {"t1": "a"}}))
    assert failures(messages.reconcile(request(u1={}))) == []
    assert desk.ledger.get("move", "2023-06-05/reconciliation/00007.json") is not None
    assert len(desk.kept) == 1
