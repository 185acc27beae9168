"""Names that somebody had once, or that were learned of them: they go with whoever is erased."""

import json
from datetime import timedelta

import pytest

from telematics.users.user import LinkTaken, Status
from tests.unit.user_world import NOW, UserWorld

LATER = NOW + timedelta(hours=1)
LINKS = {"move": "m-1", "sentiance": "s-1"}


@pytest.fixture
def world() -> UserWorld:
    """Anna, who is active and linked twice."""
    world = UserWorld()
    world.directory.add("anna", LINKS, now=NOW)
    return world


def test_names_that_they_had_once_go_with_them_unless_somebody_has_them_now(
    world: UserWorld,
) -> None:
    directory = world.directory
    for name in ("m-1", "m-2", "m-3"):
        directory.link("anna", "move", name)
        directory.unlink("anna", "move")
    directory.add("ben", {"move": "m-2"}, now=NOW)
    assert directory.erase("anna", now=LATER).claimed == ("move/m-1", "move/m-3")
    gate, names = world.gate(seconds=0), ("m-1", "m-2", "m-3")
    assert [gate.closed("move", one) for one in names] == [Status.ERASING, None, Status.ERASING]
    with pytest.raises(LinkTaken):
        directory.link("ben", "move", "m-3")
    directory.bury("anna", erasure_id="e-1", now=LATER)
    assert [gate.closed("move", one) for one in names] == [Status.ERASED, None, Status.ERASED]
    assert directory.owner("move", "m-2") == directory.get("ben")
    told = json.dumps(list(world.table.items.values()), default=str)
    assert "m-1" not in told
    assert "m-3" not in told


def test_a_name_learned_while_they_are_being_erased_is_closed_at_once(world: UserWorld) -> None:
    directory = world.directory
    directory.erase("anna", now=LATER)
    assert directory.remember("anna", "dashcam", "d-1")
    assert not directory.remember("anna", "dashcam", "d-1")
    assert not directory.remember("anna", "move", "m-1")
    assert world.gate().closed("dashcam", "d-1") is Status.ERASING
    owner = directory.owner("dashcam", "d-1")
    assert owner is not None
    assert (owner.user_id, owner.links, owner.claimed) == ("anna", LINKS, ("dashcam/d-1",))


def test_a_name_learned_of_somebody_active_closes_nothing_until_they_leave(
    world: UserWorld,
) -> None:
    directory = world.directory
    assert directory.remember("anna", "dashcam", "d-1")
    assert not directory.remember("anna", "dashcam", "d-1")
    assert directory.owner("dashcam", "d-1") is None
    directory.add("ben", {"dashcam": "d-2"}, now=NOW)
    with pytest.raises(LinkTaken):
        directory.remember("anna", "dashcam", "d-2")
    directory.erase("anna", now=LATER)
    assert world.gate().closed("dashcam", "d-1") is Status.ERASING
    assert world.gate().closed("dashcam", "d-2") is None


def test_what_was_left_unclaimed_is_claimed_when_they_are_enlisted(world: UserWorld) -> None:
    directory = world.directory
    directory.erase("anna", now=LATER)
    world.table.items["anna"]["former"] = ["move/m-9"]  # as where it broke off in between
    assert directory.enlist("anna", "p-1").claimed == ("move/m-9",)
    assert world.gate().closed("move", "m-9") is Status.ERASING


def test_whoever_had_more_names_than_a_transaction_takes_is_buried_all_the_same(
    world: UserWorld,
) -> None:
    directory = world.directory
    directory.erase("anna", now=LATER)
    for number in range(120):
        directory.remember("anna", "dashcam", f"d-{number}")
    directory.bury("anna", erasure_id="e-1", now=LATER)
    assert directory.get("anna") is None
    assert {one["status"] for one in world.table.items.values()} == {"erased"}
    assert len(world.table.items) == 120 + 3


def test_no_name_is_left_behind_where_its_burial_was_overtaken(world: UserWorld) -> None:
    directory = world.directory
    directory.erase("anna", now=LATER)
    directory.remember("anna", "dashcam", "d-1")

    def overtake() -> None:
        world.table.cancels_for = "TransactionConflict"
        world.table.before_commit = lambda: setattr(world.table, "cancels_for", "")

    world.table.before_commit = overtake
    directory.bury("anna", erasure_id="e-1", now=LATER)
    assert {one["status"] for one in world.table.items.values()} == {"erased"}


def test_a_name_learned_while_they_are_buried_is_buried_with_them(world: UserWorld) -> None:
    directory = world.directory
    directory.erase("anna", now=LATER)
    world.table.before_commit = lambda: directory.remember("anna", "dashcam", "d-1")
    directory.bury("anna", erasure_id="e-1", now=LATER)
    assert world.gate().closed("dashcam", "d-1") is Status.ERASED
    assert {one["status"] for one in world.table.items.values()} == {"erased"}
