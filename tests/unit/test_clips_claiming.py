"""Who asks for footage, what makes sense to ask, and who joins whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

from telematics.clips import clip as clips
from telematics.clips.clip import Clip, IllegalTransition, State, UnknownClip
from telematics.clips.wishes import wish
from telematics.errors import Busy, InvalidRequest
from telematics.events import NotAnnounced
from telematics.requesting import Conflict
from tests.unit.clip_world import DETAIL, NOW, World, world

__all__ = ["world"]

Change = Callable[[dict[str, Any]], dict[str, Any]]
ENDS_WITHOUT_VIDEO = ["gone", "expired", "too_old", "failed", "deadline"]


def end(here: World, clip_id: str, state: str) -> None:
    """However it came to that."""
    here.table.items[clip_id] |= {"state": state, "is_announced": True}
    here.table.items[clip_id].pop("runner", None)


def test_the_first_claims_and_a_machine_is_asked_for(world: World) -> None:
    claimed = world.desk.request(world.wish(), now=NOW)

    assert not claimed.joined
    assert claimed.clip.state is State.REQUESTED
    assert claimed.clip.deadline_at == NOW + timedelta(hours=72)
    [(source, name, detail)] = world.bus.put
    assert (source, name) == ("telematics.dashcam", "Clip Requested")
    assert detail["clip_id"] == claimed.clip.task_id
    assert detail["at"] == "2024-03-05T07:12:30Z"


def test_the_id_is_that_of_the_footage(world: World) -> None:
    first = world.wish().clip_id
    assert first == "clip-bed8d46785b5a1a231b631a2"
    zone = timezone(timedelta(hours=1))
    same = datetime(2024, 3, 5, 8, 12, 30, 900_000, zone).isoformat()
    assert world.wish(requester="another", reason="another", at=same).clip_id == first
    assert world.wish(at=1709622750).clip_id == first
    for other in ({"device": "cid-2"}, {"camera": "C_F"}, {"duration_s": 31}, {"at": 1709622751}):
        assert world.wish(**other).clip_id != first


def test_a_second_request_for_the_same_footage_joins_and_costs_nothing(world: World) -> None:
    clip_id = world.begun()

    claimed = world.desk.request(world.wish(requester="fraud-desk", reason="4712"), now=NOW)

    assert claimed.joined
    assert [one.requester for one in claimed.clip.requests] == ["claims-desk", "fraud-desk"]
    assert world.bus.put == []
    assert len(world.source.asked) == 1
    assert world.clip(clip_id).state is State.PENDING


@pytest.mark.parametrize("state", ["stored", "partly_stored"])
def test_footage_that_is_there_is_joined(world: World, state: str) -> None:
    end(world, world.begun(), state)
    claimed = world.desk.request(world.wish(), now=NOW)
    assert claimed.joined
    assert claimed.clip.state == state
    assert world.bus.put == []


@pytest.mark.parametrize("state", ENDS_WITHOUT_VIDEO)
def test_what_ended_without_a_video_is_begun_again(world: World, state: str) -> None:
    clip_id = world.begun()
    end(world, clip_id, state)
    later = NOW + timedelta(days=1)

    claimed = world.desk.request(world.wish(requester="again"), now=later)

    assert not claimed.joined
    clip = world.clip(clip_id)
    assert clip.state is State.REQUESTED
    assert (clip.provider_task, clip.asks, clip.reason) == ("", 0, "")
    assert clip.requested_at == NOW
    assert clip.deadline_at == later + timedelta(hours=72)
    assert [one.requester for one in clip.requests] == ["claims-desk", "again"]
    assert len(world.bus.put) == 1


def test_what_nobody_works_on_any_more_is_begun_again(world: World) -> None:
    clip_id = world.begun()
    assert world.desk.request(world.wish(), now=NOW + timedelta(hours=72.9)).joined

    assert not world.desk.request(world.wish(), now=NOW + timedelta(hours=73)).joined
    assert world.clip(clip_id).state is State.REQUESTED


def test_a_request_whose_event_went_astray_is_announced_by_the_next(world: World) -> None:
    world.bus.refuses = True
    with pytest.raises(NotAnnounced):
        world.desk.request(world.wish(), now=NOW)
    world.bus.refuses = False

    assert world.desk.request(world.wish(), now=NOW).joined

    assert len(world.bus.put) == 1


def test_a_key_stands_for_one_request(world: World) -> None:
    first = world.desk.request(world.wish(), now=NOW, key="key-1")
    again = world.desk.request(world.wish(), now=NOW, key="key-1")

    assert (first.joined, again.joined) == (False, False)
    assert len(again.clip.requests) == 1
    with pytest.raises(Conflict):
        world.desk.request(world.wish(reason="another"), now=NOW, key="key-1")
    assert len(world.clip(first.clip.task_id).requests) == 1
    assert "key-1" not in repr(world.table.items)


def test_a_key_that_is_repeated_begins_nothing_that_has_ended(world: World) -> None:
    first = world.desk.request(world.wish(), now=NOW, key="key-1")
    end(world, first.clip.task_id, "gone")
    assert world.desk.request(world.wish(), now=NOW, key="key-1").clip.state is State.GONE


def test_two_who_claim_at_once_share_one_task(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, clips = world.desk, world.clips
    raced: list[str] = []
    get = type(clips).get

    def slow(self: Any, clip_id: str) -> Clip | None:
        found = get(self, clip_id)
        if not raced:
            raced.append(clip_id)
            desk.claiming.claim(world.wish(requester="faster"), now=NOW)
        return found

    monkeypatch.setattr(type(clips), "get", slow)
    claimed = desk.claiming.claim(world.wish(requester="slower"), now=NOW)

    assert claimed.joined
    assert [one.requester for one in claimed.clip.requests] == ["faster", "slower"]


def test_who_is_never_fast_enough_is_busy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telematics.tasks.Tasks.write", lambda *_, **__: False)
    with pytest.raises(Busy):
        world.desk.request(world.wish(), now=NOW)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"device": ""}, "device"),
        ({"device": "a/b"}, "device"),
        ({"device": ".."}, "device"),
        ({"device": None}, "device"),
        ({"camera": "C F"}, "camera"),
        ({"camera": 7}, "camera"),
        ({"at": None}, "at is a time"),
        ({"at": "2024-03-05T07:12:30"}, "at is a time"),
        ({"at": "yesterday"}, "at is a time"),
        ({"at": True}, "at is a time"),
        ({"at": 10**20}, "at is a time"),
        ({"at": -5}, "past"),
        ({"at": "2024-03-07T07:12:30Z"}, "past"),
        ({"duration_s": 0}, "duration_s"),
        ({"duration_s": 86_401}, "duration_s"),
        ({"duration_s": "30"}, "duration_s"),
        ({"duration_s": True}, "duration_s"),
        ({"requester": " "}, "requester"),
        ({"reason": ""}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"deadline_hours": 1000}, "deadline_hours"),
        ({"deadline_hours": 0}, "deadline_hours"),
        ({"deadline_hours": True}, "deadline_hours"),
        ({"deadline_hours": float("nan")}, "deadline_hours"),
        ({"deadline_hours": "72"}, "deadline_hours"),
        ({"provider": "sentiance"}, "dashcam"),
    ],
)
def test_what_makes_no_sense_says_what_would(told: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        wish(DETAIL | told, provider="dashcam", now=NOW)


def test_what_is_not_said_is_as_usual() -> None:
    told = {name: DETAIL[name] for name in ("device", "at", "requester", "reason")}
    found = wish(told, provider="dashcam", now=NOW)
    assert (found.camera, found.duration_s, found.deadline_hours) == ("ALL", 30, 72)
    assert found.at == datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)


def test_a_deadline_may_be_a_part_of_an_hour(world: World) -> None:
    clip = world.desk.request(world.wish(deadline_hours=0.5), now=NOW).clip
    assert clip.deadline_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_only_what_may_follow_follows(world: World, before: State, after: State) -> None:
    clip = world.clip(world.begun()).with_(state=before)
    if after is before or after in clips.LEGAL[before]:
        assert clip.turned(after).state is after
    else:
        with pytest.raises(IllegalTransition):
            clip.turned(after)


def test_every_state_but_those_with_video_leads_on() -> None:
    dead = {state for state in State if not clips.LEGAL[state]}
    assert dead == clips.WITH_VIDEO
    assert clips.LEGAL.keys() == set(State)


def test_a_clip_is_read_as_it_was_written(world: World) -> None:
    clip_id = world.ready("C_F", "C_I")
    world.storing.store(clip_id, 0)
    clip = world.clip(clip_id)
    again = Clip.of({"task_id": clip_id, **{k: v for k, v in clip.item().items() if v}})
    assert again == clip.with_(revision=0)


def test_other_tasks_are_no_clips(world: World) -> None:
    world.clips.tasks.write("collision-1", {"kind": "collision"}, revision=0)
    assert world.clips.get("collision-1") is None
    with pytest.raises(UnknownClip):
        world.clips.change("clip-none", lambda one: one)
