"""The function: it stops before its time is up, and tells how much it did and of nobody."""

import json
import logging
from typing import TYPE_CHECKING, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import sync_events
from telematics import ledger, media, raw, settings, tasks
from telematics.errors import InvalidRequest
from telematics.ledger import Ledger
from telematics.media import Media
from telematics.observability import metrics
from telematics.sync import sources, work
from telematics.tasks import Tasks
from telematics.users import gate
from tests.unit.fakes import FakeS3, FakeTable
from tests.unit.lambda_call import Context
from tests.unit.sync_desk import Source
from tests.unit.user_world import UserWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ENVIRONMENT = {
    "PROVIDER": "dashcam",
    "MEDIA_HOSTS": "media.example, *.files.example",
    "MEDIA_INSECURE": "127.0.0.1:8080",
    "MEDIA_SEVERITY": "3",
}


class Short(Context):
    """Time is up from the beginning."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 1_000


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    source, s3 = Source(), FakeS3()
    accounts = Ledger(cast("Table", FakeTable()))
    here = settings.Settings(ENVIRONMENT)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setattr(work, "settings", lambda: here)
    monkeypatch.setattr(ledger, "deployed", lambda: accounts)
    monkeypatch.setattr(raw, "deployed", lambda: s3.zone)
    monkeypatch.setattr(media, "deployed", lambda: Media(s3.zone))
    monkeypatch.setattr(sources, "source", lambda _: source)
    monkeypatch.setattr(gate, "deployed", UserWorld().gate)
    monkeypatch.setattr(tasks, "deployed", lambda: Tasks(cast("Table", FakeTable())))
    return source


def context(of: type[Context] = Context) -> LambdaContext:
    return of()


def test_a_run_tells_what_it_did(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        told = sync_events.handler({}, context())
    assert told == {
        "more": False,
        "listed": 0,
        "new": 0,
        "open": 0,
        "stored_files": 0,
        "failed_files": 0,
    }
    assert json.dumps(told)
    assert source.daily[-1] == "uploads"


def test_a_run_without_time_has_more_to_do(source: Source) -> None:
    assert sync_events.handler({}, context(Short))["more"]
    assert source.windows == []


def test_days_may_be_named(source: Source) -> None:
    sync_events.handler({"from": "2024-03-01", "to": "2024-03-02"}, context())
    assert [first.day for first, _ in source.windows] == [1, 2]
    with pytest.raises(InvalidRequest):
        sync_events.handler({"from": "2024-03-03", "to": "2024-03-02"}, context())


def test_settings_of_media_are_read() -> None:
    here = settings.Settings(ENVIRONMENT)
    assert here.media_hosts == {"media.example", "*.files.example"}
    assert here.media_insecure == {"127.0.0.1:8080"}
    assert here.media_severity == 3
    nothing = settings.Settings({})
    assert (nothing.media_hosts, nothing.media_severity) == (frozenset(), 2)
