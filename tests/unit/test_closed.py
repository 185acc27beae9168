"""One look at the gate, and what can be told from it."""

from telematics.closed import Closed, is_about_closed
from telematics.people import Identity
from tests.unit.user_world import NOW, UserWorld


def test_a_look_at_the_gate_stays_as_it_was_and_knows_who_came_later() -> None:
    world = UserWorld()
    gate = world.gate()
    before = Closed.now(gate)
    world.directory.add("ours", {"move": "m-1"}, now=NOW)
    world.directory.block("ours", now=NOW)
    after = Closed.now(gate)
    assert before.is_empty
    assert (before.has(Identity("move", "m-1")), after.has(Identity("move", "m-1"))) == (
        False,
        True,
    )
    assert after.has(Identity("telematics", "ours"))
    assert not after.has(Identity("zendrive", "m-1"))
    assert before.lacks_any(after)
    assert not after.lacks_any(before)


def test_whose_a_trip_is_stands_in_its_id() -> None:
    world = UserWorld()
    world.directory.add("ours", {"move": "m-1"}, now=NOW)
    world.directory.block("ours", now=NOW)
    trip = "20230604T080000.000Z-1000-{}"
    assert is_about_closed(world.gate(), "move", trip.format("m-1"))
    assert not is_about_closed(world.gate(), "move", trip.format("m-2"))
    assert not is_about_closed(world.gate(), "move", "no trip")
