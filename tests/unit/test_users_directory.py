"""The directory: legal transitions only, one owner for each identity, tombstones for good."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from telematics.errors import Busy, InvalidRequest, TelematicsError
from telematics.users.items import PREFIX
from telematics.users.user import (
    AlreadyLinked,
    AlreadyRegistered,
    IllegalTransition,
    LinkTaken,
    Status,
    UnknownLink,
    UnknownUser,
    UserGone,
)
from tests.unit.user_world import NOW, UserWorld

LATER = NOW + timedelta(hours=1)
LINKS = {"move": "m-1", "sentiance": "s-1"}


@pytest.fixture
def world() -> UserWorld:
    """Anna, who is active and linked twice."""
    world = UserWorld()
    world.directory.add("anna", LINKS, now=NOW)
    return world


def turned(world: UserWorld, status: Status) -> UserWorld:
    """Anna, brought into a status."""
    directory = world.directory
    if status is Status.BLOCKED:
        directory.block("anna", now=LATER)
    if status in (Status.ERASING, Status.ERASED):
        directory.erase("anna", now=LATER)
    if status is Status.ERASED:
        directory.bury("anna", erasure_id="e-1", now=LATER)
    return world


STEPS: dict[str, Callable[[UserWorld], object]] = {
    "add": lambda world: world.directory.add("anna", now=LATER),
    "link": lambda world: world.directory.link("anna", "dashcam", "d-1"),
    "unlink": lambda world: world.directory.unlink("anna", "move"),
    "block": lambda world: world.directory.block("anna", now=LATER),
    "unblock": lambda world: world.directory.unblock("anna", now=LATER),
    "erase": lambda world: world.directory.erase("anna", now=LATER),
    "enlist": lambda world: world.directory.enlist("anna", "p-1"),
    "bury": lambda world: world.directory.bury("anna", erasure_id="e-2", now=LATER),
}


def test_whom_we_add_is_found_by_our_id_and_by_what_providers_call_them(world: UserWorld) -> None:
    directory = world.directory
    anna = directory.get("anna")
    assert anna is not None
    assert (anna.status, anna.since, anna.created_at) == (Status.ACTIVE, NOW, NOW)
    assert (anna.links, anna.revision) == (LINKS, 1)
    assert directory.owner("move", "m-1") == anna
    assert directory.owner("sentiance", "s-1") == anna
    assert directory.owner("telematics", "anna") == anna
    assert directory.owner("sentiance", "m-1") is None
    assert directory.get("ben") is None


def test_what_a_change_returns_is_what_is_read_afterwards() -> None:
    world = UserWorld()
    now = NOW + timedelta(microseconds=123_456)
    assert world.directory.add("anna", now=now) == world.directory.get("anna")
    assert world.directory.block("anna", now=now) == world.directory.get("anna")


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (Status.ACTIVE, "block", Status.BLOCKED),
        (Status.BLOCKED, "unblock", Status.ACTIVE),
        (Status.BLOCKED, "erase", Status.ERASING),
        (Status.ACTIVE, "erase", Status.ERASING),
        (Status.ERASING, "erase", Status.ERASING),
    ],
)
def test_a_legal_transition_is_made_with_all_identities(
    world: UserWorld, before: Status, step: str, after: Status
) -> None:
    STEPS[step](turned(world, before))
    anna = world.directory.get("anna")
    assert anna is not None
    assert (anna.status, anna.since, anna.created_at) == (after, LATER, NOW)
    assert {one["status"] for one in world.identity_items()} == {after}
    closed = None if after is Status.ACTIVE else after
    gate = world.gate()
    assert [gate.closed("move", "m-1"), gate.closed("telematics", "anna")] == [closed, closed]


@pytest.mark.parametrize(
    ("status", "step", "refusal"),
    [
        (Status.ACTIVE, "add", AlreadyRegistered),
        (Status.ACTIVE, "unblock", IllegalTransition),
        (Status.ACTIVE, "enlist", IllegalTransition),
        (Status.ACTIVE, "bury", IllegalTransition),
        (Status.BLOCKED, "add", AlreadyRegistered),
        (Status.BLOCKED, "block", IllegalTransition),
        (Status.BLOCKED, "unlink", IllegalTransition),
        (Status.BLOCKED, "enlist", IllegalTransition),
        (Status.BLOCKED, "bury", IllegalTransition),
        (Status.ERASING, "add", AlreadyRegistered),
        (Status.ERASING, "link", UserGone),
        (Status.ERASING, "unlink", UserGone),
        (Status.ERASING, "block", IllegalTransition),
        (Status.ERASING, "unblock", IllegalTransition),
        *((Status.ERASED, step, UserGone) for step in STEPS if step != "bury"),
    ],
)
def test_what_is_illegal_is_refused_and_changes_nothing(
    world: UserWorld, status: Status, step: str, refusal: type[TelematicsError]
) -> None:
    before = dict(turned(world, status).table.items)
    with pytest.raises(refusal) as refused:
        STEPS[step](world)
    assert world.table.items == before
    assert "anna" not in str(refused.value)
    assert "m-1" not in str(refused.value)


@pytest.mark.parametrize("step", [step for step in STEPS if step != "add"])
def test_nobody_is_changed_who_was_never_registered(step: str) -> None:
    world = UserWorld()
    with pytest.raises(UnknownUser):
        STEPS[step](world)
    assert world.table.items == {}


@pytest.mark.parametrize(
    "id", ["", " anna", "anna ", "an:na", "a" * 101, "an\nna", "an\x00na", "\ud800", "identity:1"]
)
def test_an_id_that_cant_be_one_is_refused(world: UserWorld, id: str) -> None:
    before, directory = dict(world.table.items), world.directory
    attempts: list[Callable[[], object]] = [
        lambda: directory.add(id, now=NOW),
        lambda: directory.add("ben", {"move": id}, now=NOW),
        lambda: directory.link("anna", "dashcam", id),
        lambda: directory.link(id, "dashcam", "d-1"),
        lambda: directory.block(id, now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidRequest):
            attempt()
    assert directory.get(id) is None
    assert world.table.items == before


@pytest.mark.parametrize("id", ["a", "a" * 100, "Anna Ärger", "a/b", "identity"])
def test_any_other_id_is_taken(id: str) -> None:
    world = UserWorld()
    assert world.directory.add(id, {"move": id}, now=NOW) == world.directory.owner("move", id)


def test_a_link_to_a_provider_that_nobody_knows_is_refused(world: UserWorld) -> None:
    with pytest.raises(InvalidRequest, match="sentiance, move"):
        world.directory.link("anna", "acme", "1")
    with pytest.raises(InvalidRequest):
        world.directory.link("anna", "telematics", "ben")


def test_linking_the_same_again_changes_nothing(world: UserWorld) -> None:
    before = dict(world.table.items)
    assert world.directory.link("anna", "move", "m-1").links == LINKS
    assert world.table.items == before


def test_another_identity_of_a_provider_is_linked_once_the_first_is_unlinked(
    world: UserWorld,
) -> None:
    directory = world.directory
    with pytest.raises(AlreadyLinked):
        directory.link("anna", "move", "m-2")
    directory.unlink("anna", "move")
    with pytest.raises(UnknownLink):
        directory.unlink("anna", "move")
    anna = directory.link("anna", "move", "m-2")
    assert anna.links == {"sentiance": "s-1", "move": "m-2"}
    assert anna.former == ("move/m-1",)
    assert directory.owner("move", "m-1") is None
    directory.unlink("anna", "move")
    assert directory.link("anna", "move", "m-1").former == ("move/m-2",)
    assert directory.get("anna") == directory.owner("move", "m-1")


def test_what_belongs_to_somebody_else_is_not_linked(world: UserWorld) -> None:
    directory = world.directory
    with pytest.raises(LinkTaken):
        directory.add("ben", {"dashcam": "d-1", "move": "m-1"}, now=NOW)
    assert directory.get("ben") is None
    assert directory.owner("dashcam", "d-1") is None
    directory.add("ben", now=NOW)
    with pytest.raises(LinkTaken):
        directory.link("ben", "move", "m-1")
    assert directory.unlink("anna", "move").links == {"sentiance": "s-1"}
    assert directory.link("ben", "move", "m-1").links == {"move": "m-1"}


def test_a_link_of_somebody_blocked_is_closed_at_once(world: UserWorld) -> None:
    turned(world, Status.BLOCKED).directory.link("anna", "dashcam", "d-1")
    assert world.gate().closed("dashcam", "d-1") is Status.BLOCKED


def test_nothing_in_a_tombstone_tells_who_it_was(world: UserWorld) -> None:
    tombstone = turned(world, Status.ERASED).directory.tombstone("anna")
    assert tombstone is not None
    assert (tombstone.erased_at, tombstone.erasure_id) == (LATER, "e-1")
    assert len(world.table.items) == 3
    told = json.dumps(list(world.table.items.values()))
    assert all(id.startswith(PREFIX) for id in world.table.items)
    assert not [id for id in ("anna", *LINKS.values()) if id in told]
    gate = world.gate()
    assert gate.closed("sentiance", "s-1") is gate.closed("telematics", "anna") is Status.ERASED


def test_burying_again_changes_nothing(world: UserWorld) -> None:
    before = dict(turned(world, Status.ERASED).table.items)
    again = world.directory.bury("anna", erasure_id="e-2", now=LATER + timedelta(days=1))
    assert again == world.directory.tombstone("anna")
    assert again.erasure_id == "e-1"
    assert world.table.items == before


def test_whoever_was_erased_comes_back_under_no_name(world: UserWorld) -> None:
    directory = turned(world, Status.ERASED).directory
    with pytest.raises(UserGone):
        directory.add("ben", {"move": "m-1"}, now=LATER)
    with pytest.raises(UserGone):
        directory.owner("move", "m-1")
    directory.add("ben", now=LATER)
    with pytest.raises(UserGone):
        directory.link("ben", "sentiance", "s-1")
    assert directory.tombstone("ben") is None


def test_a_pass_of_erasures_takes_in_who_is_being_erased(world: UserWorld) -> None:
    directory = turned(world, Status.ERASING).directory
    directory.enlist("anna", "p-1")
    assert [one.pass_id for one in directory.erasing()] == ["p-1"]


def test_an_erasure_without_an_id_ends_nothing(world: UserWorld) -> None:
    with pytest.raises(InvalidRequest):
        turned(world, Status.ERASING).directory.bury("anna", erasure_id="", now=NOW)
    assert world.directory.get("anna")


def test_who_was_overtaken_reads_again(world: UserWorld) -> None:
    directory = world.directory
    world.table.before_commit = lambda: directory.link("anna", "dashcam", "d-1")
    anna = directory.block("anna", now=LATER)
    assert (anna.links, anna.revision) == ({**LINKS, "dashcam": "d-1"}, 3)
    assert world.gate().closed("dashcam", "d-1") is Status.BLOCKED


def test_of_two_who_link_the_same_at_once_one_is_refused(world: UserWorld) -> None:
    directory = world.directory
    directory.add("ben", now=NOW)
    world.table.before_commit = lambda: directory.link("ben", "dashcam", "d-1")
    with pytest.raises(LinkTaken):
        directory.link("anna", "dashcam", "d-1")
    owner = directory.owner("dashcam", "d-1")
    assert owner is not None
    assert owner.user_id == "ben"


def test_of_two_who_add_the_same_at_once_one_is_refused() -> None:
    world = UserWorld()
    world.table.before_commit = lambda: world.directory.add("anna", {"move": "m-1"}, now=NOW)
    with pytest.raises(AlreadyRegistered):
        world.directory.add("anna", now=NOW)
    assert world.directory.owner("move", "m-1") == world.directory.get("anna")


def test_who_is_erased_while_their_owner_is_looked_up_is_not_taken_for_nobody(
    world: UserWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned(world, Status.ERASING)
    get_item = world.table.get_item

    def erased_after_the_first(**arguments: Any) -> Any:
        answer = get_item(**arguments)
        monkeypatch.setattr(world.table, "get_item", get_item)
        world.directory.bury("anna", erasure_id="e-1", now=LATER)
        return answer

    monkeypatch.setattr(world.table, "get_item", erased_after_the_first)
    with pytest.raises(UserGone):
        world.directory.owner("move", "m-1")


@pytest.mark.parametrize("code", ["TransactionConflict", "ConditionalCheckFailed"])
def test_who_is_overtaken_without_end_comes_back_later(world: UserWorld, code: str) -> None:
    world.table.cancels_for = code
    with pytest.raises(Busy):
        world.directory.block("anna", now=LATER)
    with pytest.raises(Busy):
        world.directory.add("ben", now=LATER)


def test_a_table_that_is_throttled_is_not_taken_for_somebody_faster(world: UserWorld) -> None:
    world.table.cancels_for = "ThrottlingError"
    with pytest.raises(ClientError):
        world.directory.block("anna", now=LATER)
    assert world.directory.get("anna") == world.directory.owner("move", "m-1")
