"""The gate: read whole, kept for seconds, and shut where it can't be read."""

from typing import Any, NoReturn, cast

import pytest
from botocore.exceptions import ClientError

from telematics.identities import Identities
from telematics.users.gate import Gate
from telematics.users.user import Status
from tests.unit.user_world import NOW, UserWorld


@pytest.fixture
def world() -> UserWorld:
    world = UserWorld()
    for name in ("anna", "ben", "carl"):
        world.directory.add(name, {"move": f"m-{name}", "sentiance": f"s-{name}"}, now=NOW)
    return world


def test_everybody_passes_while_all_are_active(world: UserWorld) -> None:
    gate = world.gate()
    assert gate.is_empty
    assert gate.closed("move", "m-anna") is None


def test_nobody_is_hashed_and_no_key_is_read_while_it_is_empty(world: UserWorld) -> None:
    def key() -> NoReturn:
        raise AssertionError("the key was read")

    gate = Gate(cast(Any, world.table), key, seconds=10)
    assert gate.closed("move", "m-anna") is None
    assert gate.closed_among("move", ["m-anna", "m-ben"]) == {}


def test_who_is_blocked_is_closed_under_every_name_and_nobody_else_is(world: UserWorld) -> None:
    world.directory.block("anna", now=NOW)
    gate = world.gate()
    assert not gate.is_empty
    names = [("move", "m-anna"), ("sentiance", "s-anna"), ("telematics", "anna")]
    assert [gate.closed(*name) for name in names] == [Status.BLOCKED] * 3
    strangers = [("move", "m-ben"), ("sentiance", "m-anna"), ("move", "anna"), ("dashcam", "x")]
    assert [gate.closed(*name) for name in strangers] == [None] * 4


def test_many_are_judged_by_one_look_at_it(world: UserWorld) -> None:
    world.directory.block("anna", now=NOW)
    world.directory.erase("ben", now=NOW)
    gate = world.gate(seconds=0)
    ids = ["m-carl", "m-anna", "m-ben", "m-nobody"]
    world.table.queries = 0
    assert gate.closed_among("move", ids) == {"m-anna": Status.BLOCKED, "m-ben": Status.ERASING}
    assert world.table.queries == 1


def test_it_is_read_again_only_when_it_is_old(world: UserWorld) -> None:
    gate = world.gate(seconds=10)
    assert gate.closed("move", "m-anna") is None
    world.directory.block("anna", now=NOW)
    world.seconds = 9.9
    assert gate.closed("move", "m-anna") is None
    assert world.table.queries == 1
    world.seconds = 10.0
    assert gate.closed("move", "m-anna") is Status.BLOCKED
    assert gate.closed("move", "m-anna") is Status.BLOCKED
    assert world.table.queries == 2
    world.directory.unblock("anna", now=NOW)
    world.seconds = 20.0
    assert gate.is_empty


@pytest.mark.fault("clock", of=("users",))
def test_a_clock_that_was_put_back_makes_it_old(world: UserWorld) -> None:
    world.seconds = 1000.0
    gate = world.gate(seconds=10)
    assert gate.is_empty
    world.directory.block("anna", now=NOW)
    world.seconds = 0.0
    assert gate.closed("move", "m-anna") is Status.BLOCKED


def test_who_can_not_wait_has_it_read_at_once(world: UserWorld) -> None:
    gate = world.gate(seconds=10)
    assert gate.is_empty
    world.directory.block("anna", now=NOW)
    assert gate.refreshed().closed("move", "m-anna") is Status.BLOCKED


def test_it_is_read_whole_however_many_pages_it_has(world: UserWorld) -> None:
    for name in ("anna", "ben", "carl"):
        world.directory.block(name, now=NOW)
    world.table.page_size = 2
    gate = world.gate()
    names = ("anna", "ben", "carl")
    assert [gate.closed("move", f"m-{name}") for name in names] == [Status.BLOCKED] * 3
    assert world.table.queries == 5


def test_nobody_passes_where_it_can_not_be_read(world: UserWorld) -> None:
    gate = world.gate(seconds=10)
    world.table.is_down = True
    for _ in range(2):
        with pytest.raises(ClientError):
            gate.closed("move", "m-carl")
    world.table.is_down = False
    assert gate.is_empty
    world.table.is_down = True
    world.seconds = 11.0
    with pytest.raises(ClientError):
        gate.closed("move", "m-carl")
    with pytest.raises(ClientError):
        _ = gate.is_empty


def test_who_is_erased_stays_closed(world: UserWorld) -> None:
    world.directory.erase("anna", now=NOW)
    world.directory.bury("anna", erasure_id="e-1", now=NOW)
    assert world.gate().closed("move", "m-anna") is Status.ERASED


@pytest.mark.parametrize("seconds", [-1, 30.5])
def test_it_is_kept_for_thirty_seconds_at_most(seconds: float) -> None:
    with pytest.raises(ValueError, match="30 seconds"):
        Gate(cast(Any, None), lambda: Identities(b""), seconds=seconds)
