"""A provider that is out of reach for six hours, and then is there again: nothing is missing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from pyiceberg.catalog import Catalog

from infra.stages import STAGES
from telematics import queues
from telematics.clips.sources import Fate
from telematics.collisions import asking
from telematics.errors import ProviderBusy
from telematics.ledger import State
from telematics.waits import Waits
from tests.unit import clip_world, collision_world, fault_flows
from tests.unit.clip_world import COMPLETE, progress
from tests.unit.sync_desk import Desk

__all__ = ["world"]

world = collision_world.world
HOURS = 6
DOWN = timedelta(hours=HOURS)
ON_AWS = STAGES["aws"]
DOWN_NOW = ProviderBusy("503")


@pytest.mark.fault("down", of=("move",))
def test_a_message_outlasts_the_hours_in_which_nobody_answers() -> None:
    waits = (queues.wait_seconds(number) for number in range(1, ON_AWS.asking_attempts))
    assert sum(waits) > DOWN.total_seconds()


@pytest.mark.fault("down", of=("move",))
def test_details_come_once_the_api_is_there_again(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, _ = fault_flows.of_move(catalog)
    waiting, real, begun = flow.deliver(), flow.details, flow.world.now
    notified = {"move_notifications": flow.truth["move_notifications"]}

    def unreachable(key: object) -> None:
        raise DOWN_NOW

    monkeypatch.setattr(flow, "details", unreachable)
    attempt = 0
    while flow.world.now < begun + DOWN:
        attempt += 1
        assert flow.work(waiting) == waiting
        flow.pass_by(timedelta(seconds=queues.wait_seconds(attempt)))
    assert attempt < ON_AWS.asking_attempts
    assert flow.rows() == {**dict.fromkeys(flow.truth, 0), **notified}
    monkeypatch.setattr(flow, "details", real)
    flow.drain(waiting)
    assert flow.rows() == flow.truth


@pytest.mark.fault("down", of=("dashcam",))
def test_events_of_the_hours_without_a_list_are_found_by_the_next() -> None:
    desk = Desk()
    desk.run()
    for hour in range(HOURS):
        desk.source.add(f"event-{hour}", desk.now + timedelta(minutes=10))
        desk.source.list_is_busy = True
        with pytest.raises(ProviderBusy):
            desk.later()
    desk.source.list_is_busy = False
    told = desk.later()
    assert told["new"] == len(desk.source.events) == HOURS
    assert {desk.row(name).state for name in desk.source.events} == {State.LOADED}
    assert desk.later()["new"] == 0


@pytest.mark.fault("down", of=("dashcam",))
def test_a_clip_is_stored_though_nobody_answered_for_hours() -> None:
    here = clip_world.World()
    clip_id = here.begun()
    here.source.answers = [DOWN_NOW]
    begun, waits = here.now, Waits(10, 900)
    for looks in range(1_000):
        if here.now - begun > DOWN:
            break
        assert here.polled(clip_id) == ""
        here.pass_by(seconds=waits.after(looks))
    here.source.answers = [progress(Fate.PENDING), COMPLETE]
    assert [here.polled(clip_id), here.polled(clip_id)] == ["", "store"]


@pytest.mark.fault("down", of=("zendrive",))
def test_a_claim_is_asked_for_until_somebody_takes_it(world: collision_world.World) -> None:
    collision_id, begun = world.claimed().collision.task_id, world.now
    world.source.answers = [DOWN_NOW] * asking.MOST_FAILURES
    while world.now < begun + DOWN:
        assert patiently(world, collision_id) == "pause"
        [*_, (_, told)] = world.steps.told
        world.pass_by(seconds=told["wait_seconds"])
    world.source.answers = []
    assert patiently(world, collision_id) == ""
    world.told_of(str(world.posted(world.source.tokens[-1]).key))
    assert world.finished() == "received"
    assert [name for name, _ in world.news] == ["Collision Received"]


def patiently(world: collision_world.World, collision_id: str) -> str:
    """With the patience that it has on AWS."""
    answers, waits = ON_AWS.collision_answers, ON_AWS.clip_waits
    patience = asking.Patience(
        answers.wait_seconds, answers.asks, Waits(waits.first_seconds, waits.longest_seconds)
    )
    event = {"collision_id": collision_id, "token": "task-token", "execution": "run-1"}
    return str(replace(world.asking, patience=patience).ask(cast(Any, event))["next"])
