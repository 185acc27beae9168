"""Passes: everybody who waits is taken in, and one execution works on them at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from telematics.erasure.passes import Begun, Passes, State
from telematics.errors import Busy, NotFound
from telematics.identities import Identities
from telematics.people import Identity
from telematics.tasks import Tasks
from tests.unit.erasure_items import FakeItems, FakeMachines
from tests.unit.fakes import refusal
from tests.unit.user_world import KEY, UserWorld

THEN = datetime(2023, 6, 5, 9, tzinfo=UTC)
SETTLED = timedelta(seconds=11)


class World:
    """Users who leave, and the machines' executions."""

    def __init__(self) -> None:
        self.users = UserWorld()
        self.machines = FakeMachines()
        self.items = FakeItems(name="tasks")
        self.now = THEN

    @property
    def passes(self) -> Passes:
        return Passes(
            directory=self.users.directory,
            identities=Identities(KEY),
            tasks=Tasks(cast(Any, self.items)),
            machines=cast(Any, self.machines),
            settled=SETTLED,
            now=lambda: self.now,
        )

    def leaves(self, *user_ids: str) -> None:
        for user_id in user_ids:
            self.users.directory.add(user_id, {"move": f"move-{user_id}"}, now=self.now)
            self.users.directory.erase(user_id, now=self.now)

    def begin(self, execution: str = "first") -> Begun:
        self.machines.status.setdefault(execution, "RUNNING")
        return self.passes.begin(execution)

    def buried(self, pass_id: str) -> None:
        for user in list(self.passes.users(pass_id)):
            self.users.directory.bury(user.user_id, erasure_id=pass_id, now=self.now)
        self.passes.ended(pass_id)


@pytest.fixture
def world() -> World:
    world = World()
    world.leaves("anna", "carl")
    world.now += SETTLED
    return world


def test_everybody_who_waits_is_taken_into_one(world: World) -> None:
    begun = world.begin()
    assert (begun["next"], begun["people"]) == ("go on", 2)
    assert {one.user_id for one in world.passes.users(begun["pass_id"])} == {"anna", "carl"}
    item = world.items.items[begun["pass_id"]]
    assert (item["state"], item["runner"]) == (State.ERASING, "first")
    assert world.passes.began_at(begun["pass_id"]) == world.now


def test_a_pass_and_what_begins_it_name_nobody(world: World) -> None:
    begun = world.begin()
    assert not [one for one in ("anna", "carl") if one in repr((begun, world.items.items))]
    persons = world.passes.persons(begun["pass_id"])
    assert persons.ids("move") == {"move-anna", "move-carl"}
    subject = Identities(KEY).ours("anna")
    assert persons.named(Identity("telematics", "anna")) == subject


def test_nobody_waits_is_the_end() -> None:
    assert World().begin() == {"next": "end", "pass_id": "", "people": 0}


def test_who_was_only_just_shut_out_is_waited_for(world: World) -> None:
    late = World()
    late.leaves("anna")
    assert late.begin()["next"] == "wait"
    world.leaves("dora")
    begun = world.begin()
    assert begun["people"] == 2
    assert [one.pass_id for one in world.users.directory.erasing() if one.user_id == "dora"] == [""]


def test_the_same_execution_goes_on_with_its_own(world: World) -> None:
    assert world.begin() == world.begin()


def test_another_execution_leaves_it_to_whoever_is_at_work(world: World) -> None:
    first = world.begin()
    world.leaves("dora")
    world.now += SETTLED
    assert world.begin("second")["next"] == "end"
    world.buried(first["pass_id"])
    assert world.begin()["people"] == 1


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT", None])
def test_a_pass_whose_execution_is_no_more_is_taken_up(world: World, status: str | None) -> None:
    first = world.begin()
    world.machines.status = {"first": status} if status else {}
    second = world.begin("second")
    assert second == first
    assert world.items.items[first["pass_id"]]["runner"] == "second"
    assert world.passes.began_at(first["pass_id"]) == world.now


def test_of_two_who_take_it_up_at_once_one_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.begin()
    world.machines.status = {}
    described = world.machines.describe_execution

    def meanwhile(**told: str) -> Any:
        monkeypatch.setattr(world.machines, "describe_execution", described)
        assert world.passes.begin("second") == first
        return described(**told)

    monkeypatch.setattr(world.machines, "describe_execution", meanwhile)
    assert world.passes.begin("third")["next"] == "end"


def test_a_pass_that_two_begin_at_once_is_begun_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise refusal("ConditionalCheckFailedException", "UpdateItem")

    monkeypatch.setattr(FakeItems, "update_item", refuse)
    with pytest.raises(Busy):
        world.begin()


def test_whoever_dies_while_people_are_taken_in_leaves_the_same_pass(world: World) -> None:
    whole = World()
    whole.leaves("anna", "carl")
    whole.now += SETTLED
    before = whole.begin()

    def die() -> None:
        raise InterruptedError

    world.users.table.before_commit = die
    with pytest.raises(InterruptedError):
        world.begin()
    assert world.items.items[before["pass_id"]]["state"] == State.ENLISTING
    world.machines.status = {}
    assert world.begin("second") == before


def test_who_was_not_taken_in_before_a_death_is_so_after_it(world: World) -> None:
    begun = world.begin()
    item = world.items.items[begun["pass_id"]]
    item["state"] = State.ENLISTING
    world.leaves("dora")
    world.now += SETTLED
    assert world.begin()["people"] == 3
    world.leaves("emma")
    world.now += SETTLED
    assert world.begin()["people"] == 3


@pytest.mark.fault("full", of=("users",))
def test_a_pass_takes_no_more_than_it_can(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telematics.erasure.passes.MOST_AT_ONCE", 1)
    first = world.begin()
    assert first["people"] == 1
    world.buried(first["pass_id"])
    second = world.begin()
    assert second["people"] == 1
    assert second["pass_id"] != first["pass_id"]
    world.buried(second["pass_id"])
    assert world.begin()["next"] == "end"
    assert world.items.items[second["pass_id"]]["state"] == State.ERASED


def test_a_pass_that_has_ended_has_no_persons(world: World) -> None:
    begun = world.begin()
    world.buried(begun["pass_id"])
    with pytest.raises(NotFound):
        world.passes.persons(begun["pass_id"])
