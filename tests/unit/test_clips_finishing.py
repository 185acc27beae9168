"""How clips end: in a state, in a record of custody, and in one piece of news."""

import json
from typing import Any

import pytest

from telematics.clips.clip import State, Verdict
from telematics.clips.finishing import BROKEN_OFF
from telematics.clips.sources import Fate
from telematics.events import NotAnnounced
from tests.unit.clip_world import NOW, World, progress, world

__all__ = ["world"]


def finished(world: World, clip_id: str) -> tuple[str, dict[str, Any]]:
    """The state, and the record."""
    state = world.finished(clip_id)
    return state, json.loads(world.raw.objects[f"dashcam/clips/day=2024-03-05/{clip_id}.json"])


def test_all_that_was_there_is_stored(world: World) -> None:
    clip_id = world.ready("C_F", "C_I")
    for index in (0, 1):
        world.storing.store(clip_id, index)

    state, record = finished(world, clip_id)

    assert state == "stored"
    assert [one["camera"] for one in record["files"]] == ["C_F", "C_I"]
    assert {"outcome": "stored", "task_id": "task-1", "requester": "claims-desk"}.items() <= (
        record.items()
    )
    assert record["files"][0]["content_type"] == "video/mp4"
    [(source, name, detail)] = world.bus.put
    assert (source, name, detail["state"]) == ("telematics.dashcam", "Clip Stored", "stored")
    assert detail["custody_key"] == f"dashcam/clips/day=2024-03-05/{clip_id}.json"
    assert {one["media_key"] for one in detail["videos"]} == set(world.media.objects)
    clip = world.clip(clip_id)
    assert (clip.runner, clip.wait_token, clip.ended_at) == ("", "", NOW)


def test_what_is_missing_is_named_with_its_reason(world: World) -> None:
    missing = {"C_R": "video not found"}
    clip_id = world.ready("C_F", "C_I", missing=missing)
    world.files["C_I"] = b"<html> of some length"
    for index in (0, 1):
        world.storing.store(clip_id, index)

    state, record = finished(world, clip_id)

    assert state == "partly_stored"
    assert [one["camera"] for one in record["files"]] == ["C_F"]
    assert record["missing"]["C_R"] == "video not found"
    assert "not a video" in record["missing"]["C_I"]
    [(_, name, detail)] = world.bus.put
    assert name == "Clip Stored"
    assert [one["camera"] for one in detail["missing"]] == ["C_R", "C_I"]


def test_what_could_not_be_stored_at_all_has_failed(world: World) -> None:
    clip_id = world.ready("C_F")
    state, record = finished(world, clip_id)
    assert state == "failed"
    assert record["missing"] == {"C_F": "it was not fetched"}
    assert [name for _, name, _ in world.bus.put] == ["Clip Failed"]


@pytest.mark.parametrize(
    ("fate", "state"),
    [(Fate.GONE, "gone"), (Fate.EXPIRED, "expired"), (Fate.FAILED, "failed")],
)
def test_what_never_came_says_why(world: World, fate: Fate, state: str) -> None:
    world.source.answers = [progress(fate, reason="so it is", missing={"C_F": "so it is"})]
    clip_id = world.begun()
    assert world.polled(clip_id) == "end"

    found, record = finished(world, clip_id)

    assert (found, record["outcome"], record["outcome_reason"]) == (state, state, "so it is")
    [(_, name, detail)] = world.bus.put
    assert (name, detail["state"], detail["reason"]) == ("Clip Failed", state, "so it is")
    assert detail["missing"] == [{"camera": "C_F", "reason": "so it is"}]


def test_a_repeat_changes_and_tells_nothing(world: World) -> None:
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    first = finished(world, clip_id)
    world.pass_by(minutes=5)
    assert finished(world, clip_id) == first
    assert len(world.bus.put) == 1


def test_news_that_did_not_get_out_is_told_by_the_repeat(world: World) -> None:
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    world.bus.refuses = True
    with pytest.raises(NotAnnounced):
        world.finished(clip_id)
    world.bus.refuses = False
    world.pass_by(minutes=5)

    world.finished(clip_id)

    assert len(world.bus.put) == 1
    assert world.clip(clip_id).ended_at == NOW


def test_work_that_broke_off_has_failed(world: World) -> None:
    clip_id = world.begun()
    state, record = finished(world, clip_id)
    assert state == "failed"
    assert record["outcome_reason"] == BROKEN_OFF


def test_the_record_of_a_clip_that_was_begun_again_takes_the_place_of_the_first(
    world: World,
) -> None:
    clip_id = world.begun()
    finished(world, clip_id)
    world.pass_by(days=3)
    world.desk.request(world.wish(requester="again"), now=world.now)
    assert world.ready("C_F") == clip_id
    world.storing.store(clip_id, 0)

    state, record = finished(world, clip_id)

    assert state == "stored"
    assert len(world.raw.objects) == 1
    assert record["requested_at"] == "2024-03-05T09:00:00Z"
    assert record["requester"] == "claims-desk"


def test_who_does_not_work_on_a_clip_does_not_end_it(world: World) -> None:
    clip_id = world.begun("run-1")
    assert world.finished(clip_id, "run-2", is_broken=True) == "pending"
    assert world.bus.put == []
    assert not world.clip(clip_id).has_ended
    assert world.finished(clip_id, "run-1") == "failed"


def test_a_clip_that_nobody_works_on_is_ended_only_by_who_broke_before_they_could(
    world: World,
) -> None:
    clip_id = world.desk.request(world.wish(), now=world.now).clip.task_id
    assert world.finished(clip_id, "run-1") == "requested"
    assert world.finished(clip_id, "run-1", is_broken=True) == "failed"


@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("state", [State.REQUESTED, State.PENDING, State.BUSY])
def test_whatever_is_open_ends(world: World, state: State, verdict: Verdict | None) -> None:
    clip_id = world.begun()
    is_possible = not (verdict in (Verdict.STORE, Verdict.END) and state is not State.PENDING)
    end = State.DEADLINE if verdict is Verdict.END else None
    facts = {"state": state, "verdict": verdict if is_possible else None, "ends_as": end}
    world.clips.change(clip_id, lambda one: one.with_(**facts))
    world.finished(clip_id)
    assert world.clip(clip_id).has_ended
