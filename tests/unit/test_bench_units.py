"""What `telematics cost` rests on: a line through two measurements, and counted requests."""

from pathlib import Path

import pytest

from tests.benchmarks.counting import CountedWorld, counted
from tests.benchmarks.notified import Notified
from tests.benchmarks.units import slope


def test_two_measurements_are_a_line() -> None:
    few, many = {"trips": 10.0, "seconds": 3.0}, {"trips": 30.0, "seconds": 7.0}
    once, each = slope(few, many, "trips")
    assert once == {"seconds": pytest.approx(1.0)}
    assert each == {"seconds": pytest.approx(0.2)}


def test_nothing_takes_less_than_nothing() -> None:
    """What shrinks with more of it was measured badly; it is no gain."""
    few, many = {"trips": 10.0, "seconds": 3.0}, {"trips": 30.0, "seconds": 2.0}
    once, each = slope(few, many, "trips")
    assert (once["seconds"], each["seconds"]) == (3.5, 0)


def test_each_step_of_a_webhook_is_counted(tmp_path: Path) -> None:
    place = CountedWorld(tmp_path)
    one = Notified(place.world, items=4, points=3, number=0)
    with counted() as received:
        one.receive()
    with counted() as enriched:
        one.enrich()
    with counted() as merged:
        one.merge()
    assert received["s3_puts"] == 1
    assert (enriched["s3_puts"], enriched["s3_gets"]) == (1, 2)
    assert merged["dynamodb_writes"] == 4  # of two objects: each is claimed and settled
    assert merged["glue_requests"] > 3
    assert len(place.world.rows("move_timeline_items")) == 4
    assert len(place.world.rows("move_points")) == 2 * 3
    assert place.stored() > 0
