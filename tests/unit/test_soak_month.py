"""The month's own reckoning: totals of days and people, and which answers are the same."""

from collections import Counter
from datetime import date

import pytest

from infra.cli import ready
from telematics import versions
from telematics.raw import RawKey
from telematics.together import decompressed
from tests.sandbox.simulators.people import Population
from tests.soak.month import questions
from tests.soak.month.dashcam import Dashcam
from tests.soak.month.move import Move
from tests.soak.month.questions import Answer, Row
from tests.soak.month.sentiance import Sentiance
from tests.soak.month.truth import Driven, Name, Shown, Total, Truth
from tests.soak.month.world import Into, Provided, fetched_at
from tests.soak.month.zendrive import Zendrive
from tests.unit import fakes

DAY = date(2023, 6, 7)
WAY = Shown(Name("move", DAY, "a trip"), "driver-0001", [(50.9, 4.7)])


def things(provider: Provided, truth: Truth) -> Counter[str]:
    """By dataset, of what the lake reads in a day's objects."""
    bucket = fakes.FakeS3()
    provider.store(DAY, Into(bucket.zone, truth))
    found = Counter[str]()
    for name, body in bucket.objects.items():
        key = RawKey.parse(name)
        contents = versions.contents(key, decompressed(key, body), fetched_at(DAY))
        assert not contents.unreadable
        found.update(one.dataset for one in contents.things)
    return found


def answer(*rows: Row) -> Answer:
    return Answer(rows, bytes=1, files=1, seconds=0.1)


def test_a_trip_that_is_told_twice_counts_once() -> None:
    truth = Truth()
    for trip, metres in (("a", 1_500.0), ("a", 1_500.0), ("b", None), ("c", 500.0)):
        truth.tell(Name("move", DAY, trip), Driven("driver-0001", metres))
    truth.tell(Name("move", date(2023, 6, 8), "a"), Driven("driver-0001", 7.0))
    truth.tell(Name("move", date(2023, 6, 8), "a"), Driven("driver-0002", 7.0))
    assert truth.within(DAY, DAY).per_day() == {("2023-06-07", "move"): Total(3, 1, 2.0)}
    assert truth.of_person({"move": "driver-0001", "zendrive": "0001"}) == {"move": 4}


@pytest.mark.parametrize(
    ("changed", "is_equal"),
    [
        ({"km": 3.1}, True),
        ({"since_load_h": 9.0}, True),
        ({"km": 3.3}, False),
        ({"trips": 3}, False),
    ],
)
def test_answers_are_the_same_in_any_order_and_but_for_rounding(
    changed: Row, is_equal: bool
) -> None:
    one: Row = {"mode": "car", "trips": 2, "km": 3.0, "since_load_h": 0.1}
    other: Row = {"mode": "bus", "trips": 1, "km": 2.0, "since_load_h": 0.1}
    assert answer(one, other).equals(answer(other, {**one, **changed})) is is_equal
    assert not answer(one).equals(answer(one, one))


def test_every_ready_query_with_a_day_or_a_person_is_asked() -> None:
    asked = questions.about(DAY, "driver-0010", date(2023, 6, 1), [WAY])
    names = [one.name for one in asked]
    assert {"trips_per_day, one day", "data_footprint, one person"} < set(names)
    assert names[-1] == "points_of_trip, a trip of move"
    assert len(set(names)) == len(names)
    assert {one.query for one in asked} == set(ready.queries())


def test_what_is_put_into_raw_is_read_as_what_is_true() -> None:
    truth = Truth()
    move, dashcam = things(Move(7, 30), truth), things(Dashcam(7, 30), truth)
    zendrive = things(Zendrive(7, 30), truth)
    trips = truth.per_day()
    assert move["timeline_items"] > trips["2023-06-07", "move"].trips > 50
    assert move["points"] > 1
    assert dashcam["event_listings"] > dashcam["event_details"] == dashcam["points"] > 1
    assert zendrive["trips"] == trips["2023-06-07", "zendrive"].trips > 0


def test_of_sentiance_there_is_every_file_of_a_day() -> None:
    bucket, truth = fakes.FakeS3(), Truth()
    Sentiance(Population(7, 20)).store(DAY, Into(bucket.zone, truth))
    assert "sentiance/transports/day=2023-06-07/transports.csv.gz" in bucket.objects
    assert len({RawKey.parse(name).dataset for name in bucket.objects}) == 22
    assert len(truth.trips) > 20
    [shown] = truth.ways.values()
    assert len(shown.places) > 5
