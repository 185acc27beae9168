"""A clip is asked for once, whatever breaks off, and again where the device had no time."""

from datetime import timedelta

import pytest

from telematics.clips.asking import ASKING_FOR, Begun
from telematics.clips.clip import State
from telematics.clips.sources import Fate
from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
)
from tests.unit.clip_world import DETAIL, NOW, World, progress, world

__all__ = ["world"]

BUSY = progress(Fate.BUSY, reason="clip process busy")


def begin(world: World, execution: str = "run-1", **more: str) -> Begun:
    return world.asking.begin({"detail": DETAIL | more, "execution": execution})


def test_an_event_of_another_system_is_claimed_and_asked_for(world: World) -> None:
    begun = begin(world)

    assert begun == {
        "clip_id": world.wish().clip_id,
        "next": "poll",
        "state": "pending",
        "wait_seconds": 10,
    }
    clip = world.clip(begun["clip_id"])
    assert (clip.provider_task, clip.asks) == ("task-1", 1)
    assert world.table.items[clip.task_id]["provider_task"] == "dashcam/task-1"


def test_nulls_of_an_event_say_nothing(world: World) -> None:
    detail = DETAIL | {"clip_id": None, "deadline_hours": None, "camera": None}
    assert world.asking.begin({"detail": detail})["next"] == "poll"


def test_what_the_api_claimed_is_asked_for_by_its_machine(world: World) -> None:
    claimed = world.desk.request(world.wish(), now=NOW)
    _, _, detail = world.bus.put[0]

    assert world.asking.begin({"detail": detail, "execution": "run-1"})["next"] == "poll"
    assert len(world.clip(claimed.clip.task_id).requests) == 1


def test_who_comes_second_has_nothing_to_do(world: World) -> None:
    clip_id = world.begun("run-1")

    begun = begin(world, "run-2", requester="fraud-desk")

    assert begun["next"] == "end"
    assert len(world.source.asked) == 1
    assert [one.requester for one in world.clip(clip_id).requests] == ["claims-desk", "fraud-desk"]
    assert world.clip(clip_id).state is State.PENDING


def test_the_same_machine_goes_on_where_it_was(world: World) -> None:
    clip_id = world.begun("run-1")

    assert begin(world, "run-1")["next"] == "poll"
    assert len(world.source.asked) == 1
    assert len(world.clip(clip_id).requests) == 1


def test_without_a_machine_s_name_the_same_event_goes_on_too(world: World) -> None:
    world.asking.begin({"detail": DETAIL})
    assert world.asking.begin({"detail": DETAIL})["next"] == "poll"
    other = DETAIL | {"requester": "another"}
    assert world.asking.begin({"detail": other})["next"] == "end"
    assert len(world.source.asked) == 1


def test_an_id_of_other_footage_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="other footage"):
        begin(world, clip_id="clip-000000000000000000000000")
    with pytest.raises(InvalidRequest, match="device"):
        begin(world, device="")


def test_nobody_asks_while_somebody_is_asking(world: World) -> None:
    clip_id = begin(world)["clip_id"]
    world.table.items[clip_id] |= {
        "state": "requested",
        "asking_until": (NOW + ASKING_FOR).isoformat(),
    }
    assert begin(world)["next"] == "wait"
    assert len(world.source.asked) == 1

    world.pass_by(minutes=5)
    assert begin(world)["next"] == "poll"
    assert len(world.source.asked) == 2


@pytest.mark.parametrize("busy", [ProviderBusy("429"), ProviderBusy("timeout")])
def test_a_provider_without_time_is_asked_later_and_ever_later(
    world: World, busy: ProviderBusy
) -> None:
    world.source.asking = [busy] * 15
    waits = [begin(world)["wait_seconds"] for _ in range(15)]

    assert waits[:4] == [10, 15, 22, 33]
    assert waits[-1] == 900
    assert begin(world)["next"] == "poll"
    assert world.clip(world.wish().clip_id).asks == 1


def test_a_provider_that_says_when_is_asked_then(world: World) -> None:
    world.source.asking = [ProviderBusy("429", retry_after_seconds=120)]
    assert begin(world)["wait_seconds"] == 120


def test_a_provider_that_never_has_time_ends_with_the_deadline(world: World) -> None:
    world.source.asking = [ProviderBusy("503")] * 2
    clip_id = begin(world)["clip_id"]
    world.pass_by(hours=72)

    begun = begin(world)

    assert (begun["next"], begun["state"]) == ("end", "deadline")
    clip = world.clip(clip_id)
    assert (clip.state, clip.reason, clip.runner) == (State.DEADLINE, "503", "")
    assert [name for _, name, _ in world.bus.put] == ["Clip Failed"]


@pytest.mark.parametrize("error", [NotFound("404"), InvalidRequest("the device is empty")])
def test_what_is_refused_for_good_ends_at_once(world: World, error: Exception) -> None:
    world.source.asking = [error]
    begun = begin(world)
    assert (begun["next"], begun["state"]) == ("end", "failed")
    assert [name for _, name, _ in world.bus.put] == ["Clip Failed"]
    assert begin(world)["next"] == "end"
    assert len(world.source.asked) == 1


@pytest.mark.parametrize("error", [Forbidden("403"), ProviderRefused("401")])
def test_a_refusal_that_may_pass_is_looked_at_thrice(world: World, error: Exception) -> None:
    world.source.asking = [error, error]
    assert [begin(world)["next"] for _ in range(3)] == ["wait", "wait", "poll"]

    world.source.asking = [error] * 3
    found = [begin(world, device="cid-2")["next"] for _ in range(3)]
    assert found == ["wait", "wait", "end"]


def test_what_we_lack_ourselves_fails_the_machine(world: World) -> None:
    world.source.asking = [MissingSetting("no key")]
    with pytest.raises(MissingSetting):
        begin(world)


def test_a_busy_device_is_asked_again_by_the_same_machine(world: World) -> None:
    world.source.answers = [BUSY]
    clip_id = world.begun()
    assert world.polled(clip_id) == "ask"

    begun = world.asking.begin({"detail": DETAIL, "clip_id": clip_id, "execution": "run-1"})

    assert begun["next"] == "poll"
    clip = world.clip(clip_id)
    assert (clip.state, clip.asks, clip.provider_task) == (State.PENDING, 2, "task-2")
    assert clip.verdict is None


def test_a_device_that_is_always_busy_is_asked_ten_times(world: World) -> None:
    world.source.answers = [BUSY]
    clip_id = world.begun()
    while world.polled(clip_id) == "ask":
        begin(world)

    assert len(world.source.asked) == 10
    world.finished(clip_id)
    clip = world.clip(clip_id)
    assert clip.state is State.FAILED
    assert clip.reason == "clip process busy; it was asked 10 times"


def test_a_device_that_is_busy_until_the_deadline_is_asked_no_more(world: World) -> None:
    world.source.answers = [BUSY]
    clip_id = world.begun()
    world.polled(clip_id)
    world.now += timedelta(hours=72)
    assert begin(world)["state"] == "deadline"
    assert world.clip(clip_id).reason == "clip process busy"
