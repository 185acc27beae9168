"""Tasks: changed only as they were read, found by the provider's name for them."""

from datetime import timedelta
from typing import Any, cast

import pytest

from telematics.tasks import KEYS_KEPT_FOR, Tasks, provider_name
from tests.unit.clip_world import NOW
from tests.unit.fakes import FakeTable


@pytest.fixture
def tasks() -> Tasks:
    return Tasks(cast(Any, FakeTable()))


def test_a_task_is_written_once_where_there_was_none(tasks: Tasks) -> None:
    assert tasks.write("clip-1", {"state": "requested"}, revision=0)
    assert not tasks.write("clip-1", {"state": "pending"}, revision=0)
    assert tasks.get("clip-1") == {"task_id": "clip-1", "state": "requested", "revision": 1}


def test_who_read_an_older_revision_changes_nothing(tasks: Tasks) -> None:
    tasks.write("clip-1", {"state": "requested"}, revision=0)
    assert tasks.write("clip-1", {"state": "pending"}, revision=1)
    assert not tasks.write("clip-1", {"state": "failed"}, revision=1)
    found = tasks.get("clip-1")
    assert found
    assert found["state"] == "pending"


def test_what_is_none_is_removed(tasks: Tasks) -> None:
    tasks.write("clip-1", {"state": "pending", "wait_token": "x"}, revision=0)
    tasks.write("clip-1", {"state": "pending", "wait_token": None}, revision=1)
    found = tasks.get("clip-1")
    assert found
    assert "wait_token" not in found


def test_a_task_is_found_by_what_the_provider_calls_it(tasks: Tasks) -> None:
    for number in ("1", "2"):
        named = {"provider_task": provider_name("dashcam", f"task/{number}")}
        tasks.write(f"clip-{number}", named, revision=0)
    assert list(tasks.found("dashcam", "task/2")) == ["clip-2"]
    assert list(tasks.found("other", "task/2")) == []


def test_an_idempotency_key_stands_for_one_request_for_a_day(tasks: Tasks) -> None:
    assert tasks.keyed("key", "this", now=NOW)
    assert tasks.keyed("key", "this", now=NOW)
    assert not tasks.keyed("key", "that", now=NOW + KEYS_KEPT_FOR - timedelta(seconds=1))
    assert tasks.keyed("key", "that", now=NOW + KEYS_KEPT_FOR)
    assert not tasks.keyed("key", "this", now=NOW + KEYS_KEPT_FOR)


def test_the_key_itself_is_not_kept(tasks: Tasks) -> None:
    tasks.keyed("somebody's key", "a request of somebody", now=NOW)
    assert "somebody" not in repr(cast(Any, tasks.table).items)


def test_nothing_is_told_of_a_task_that_is_not_there(tasks: Tasks) -> None:
    assert tasks.get("clip-1") is None
