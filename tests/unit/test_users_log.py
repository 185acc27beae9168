"""The access log: only ever added to, and read in the order of time."""

from datetime import timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from telematics.users.log import AccessLog, Entry
from tests.unit.fakes import refusal
from tests.unit.user_world import NOW, UserWorld


def noted(log: AccessLog, action: str = "block", **others: Any) -> None:
    facts = {"by": "desk", "reason": "asked for it", "now": NOW, **others}
    log.write("a-hash", action=action, **facts)


def test_what_is_written_is_read_in_the_order_of_time() -> None:
    world = UserWorld()
    world.log_table.page_size = 1
    noted(world.log, "unblock", now=NOW + timedelta(seconds=1), result="active", request_id="r-2")
    noted(world.log, "block")
    assert world.log.read("a-hash") == [
        Entry(at=NOW, action="block", by="desk", reason="asked for it"),
        Entry(
            at=NOW + timedelta(seconds=1),
            action="unblock",
            by="desk",
            reason="asked for it",
            result="active",
            request_id="r-2",
        ),
    ]
    assert world.log.read("another-hash") == []


def test_the_same_again_is_one_entry_and_whatever_differs_another() -> None:
    world = UserWorld()
    for _ in range(2):
        noted(world.log)
    assert len(world.log.read("a-hash")) == 1
    for other in ({"by": "api"}, {"reason": ""}, {"result": "409"}, {"request_id": "r-1"}):
        noted(world.log, **other)
    noted(world.log, "unblock")
    assert len(world.log.read("a-hash")) == 6


def test_nothing_that_is_there_is_written_over() -> None:
    world = UserWorld()
    noted(world.log)
    [place] = world.log_table.items
    world.log_table.items[place]["reason"] = "as it was"
    noted(world.log)
    assert [one.reason for one in world.log.read("a-hash")] == ["as it was"]


def test_a_log_that_can_not_be_written_is_not_passed_over() -> None:
    class Broken:
        def put_item(self, **_: Any) -> None:
            raise refusal("InternalServerError", "PutItem")

    with pytest.raises(ClientError):
        noted(AccessLog(cast(Any, Broken())))
