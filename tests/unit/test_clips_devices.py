"""Who drove with a device last is known, and whose data may not be kept is asked for no footage."""

from datetime import datetime, timedelta

import pytest

from telematics.clips.devices import Drive
from telematics.errors import UserBlocked
from telematics.providers.dashcam import custody
from tests.unit.clip_world import DETAIL, NOW, World, world

__all__ = ["world"]
DEVICE = str(DETAIL["device"])


def drove(world: World, person: str, at: datetime = NOW) -> None:
    world.devices.note("dashcam", [Drive(DEVICE, person, at)])


def block(world: World, person: str) -> None:
    world.users.directory.add(f"our-{person}", {"dashcam": person}, now=NOW)
    world.users.directory.block(f"our-{person}", now=NOW)


def test_the_last_driver_counts_whatever_order_they_are_told_in(world: World) -> None:
    drove(world, "bert")
    drove(world, "anna", NOW - timedelta(hours=1))
    assert world.devices.driver("dashcam", DEVICE) == "bert"
    world.devices.note(
        "dashcam",
        [
            Drive(DEVICE, "dora", NOW + timedelta(hours=2)),
            Drive(DEVICE, "carl", NOW + timedelta(hours=1)),
        ],
    )
    assert world.devices.driver("dashcam", DEVICE) == "dora"
    assert world.devices.driver("dashcam", "another") == ""


def test_the_same_again_writes_nothing(world: World) -> None:
    drove(world, "anna")
    before = {place: dict(item) for place, item in world.table.items.items()}
    drove(world, "anna")
    assert world.table.items == before


def test_of_somebody_closed_no_name_is_noted_and_footage_is_refused(world: World) -> None:
    block(world, "anna-4711")
    drove(world, "anna-4711")
    assert "anna-4711" not in repr(world.table.items)
    assert world.devices.driver("dashcam", DEVICE) == ""
    with pytest.raises(UserBlocked):
        world.desk.request(world.wish(), now=NOW)
    assert world.bus.put == []
    world.users.directory.unblock("our-anna-4711", now=NOW)
    assert not world.desk.request(world.wish(), now=NOW).joined


def test_who_is_blocked_after_they_were_noted_is_refused_as_well(world: World) -> None:
    drove(world, "anna-4711")
    block(world, "anna-4711")
    with pytest.raises(UserBlocked) as refused:
        world.desk.request(world.wish(), now=NOW)
    assert "anna-4711" not in str(refused.value)


def test_a_request_from_the_bus_ends_as_failed_with_the_reason(world: World) -> None:
    drove(world, "anna")
    block(world, "anna")
    begun = world.asking.begin({"detail": DETAIL, "execution": "run-1"})
    assert (begun["next"], begun["state"]) == ("end", "failed")
    assert world.source.asked == []
    assert "blocked" in world.clip(begun["clip_id"]).reason
    assert [name for _, name, _ in world.bus.put] == ["Clip Failed"]


def test_the_driver_is_told_in_the_task_and_in_our_record_and_nowhere_else(world: World) -> None:
    drove(world, "anna-4711")
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    world.finished(clip_id)
    assert world.clip(clip_id).person == "anna-4711"
    [record] = [body for key, body in world.raw.objects.items() if "/clips/" in key]
    assert custody.unpacked(record).person == "anna-4711"
    assert "anna-4711" not in repr(world.bus.put)


def test_a_video_that_is_ready_is_not_stored_once_its_driver_is_blocked(world: World) -> None:
    drove(world, "anna")
    clip_id = world.ready("C_F")
    drove(world, "bert", NOW + timedelta(hours=1))
    block(world, "anna")
    told = world.storing.store(clip_id, 0)
    assert (told["stored"], "blocked" in told["reason"]) == (False, True)
    assert (world.fetched, world.media.objects) == ([], {})
    assert world.finished(clip_id) == "failed"
