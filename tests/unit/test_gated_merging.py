"""Things that are merged while some people's data may not be kept: nothing of them stays."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from telematics import identities
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.ledger import State
from telematics.providers.dashcam.about import Event
from telematics.providers.zendrive.about import Subject
from telematics.raw import RawKey
from telematics.together import Together
from tests.unit import timeline, zendrive_answers
from tests.unit.gated_world import GatedWorld

DAY = date(2023, 6, 4)
NOTIFICATION = RawKey("move", "timeline", DAY, "a" * 64, "json")
DETAILS = RawKey("move", "timeline_items", DAY, "details", "json.gz")
CALLBACK = RawKey("zendrive", "collision_details", DAY, "answer", "json")
READS = RawKey("zendrive", "trip_reads", DAY, "read", "json.gz")
EVENTS = RawKey("dashcam", "events", DAY, "listing-1", "json.gz")
ASKED_AT = datetime(2023, 6, 5, tzinfo=UTC)


@pytest.fixture
def world(catalog: Catalog) -> GatedWorld:
    return GatedWorld(catalog)


def told(*contracts: str) -> bytes:
    items = [
        json.loads(timeline.notification(f"2023-06-04T{8 + n:02}:00:00Z", contract=one))["items"][0]
        for n, one in enumerate(contracts)
    ]
    return json.dumps({"items": items}).encode()


@pytest.mark.parametrize("erased", [False, True])
def test_items_of_somebody_closed_are_dropped_counted_and_withdrawn(
    world: GatedWorld, erased: bool
) -> None:
    world.close("our-anna", erased=erased, move="move-anna")
    world.put(NOTIFICATION, told("move-anna", "move-bert", "move-anna"))
    first, second = world.settled()
    assert (first.rows, first.dropped) == (1, 2)
    assert (second.rows, second.dropped) == (1, 0)
    assert world.people("move_notifications") == ["move-bert"]
    assert not world.s3.holds("move-anna")
    assert world.s3.holds("move-bert")
    row = world.row(NOTIFICATION)
    assert (row.state, row.rows, row.dropped) == (State.LOADED, 1, 2)


def test_the_same_delivery_again_is_dropped_again(world: GatedWorld) -> None:
    world.close("our-anna", move="move-anna")
    for _ in range(2):
        world.put(NOTIFICATION, told("move-anna", "move-bert"))
        assert [one.dropped for one in world.settled()] == [1, 0]
    assert world.people("move_notifications") == ["move-bert"]
    assert not world.s3.holds("move-anna")


def test_details_and_points_go_by_the_trip_they_are_about(world: GatedWorld) -> None:
    world.close("our-anna", move="move-anna")
    items = timeline.encoded(
        timeline.item(contract="move-anna"), timeline.item(contract="move-bert")
    )
    points = b'[{"timestamp": "2023-06-04T08:00:01Z", "lat": 48.2, "lon": 16.3}]'
    trip = "20230604T080000.000Z-1000-{}"
    entries = [
        Entry("batch", ASKED_AT, items),
        Entry("points", ASKED_AT, points, trip.format("move-anna")),
        Entry("points", ASKED_AT, points, trip.format("move-bert")),
    ]
    world.put(DETAILS, envelope.packed(entries))
    dropped = [one.dropped for one in world.settled()]
    assert dropped[0] > 1
    assert dropped[1:] == [0]
    for table in ("timeline_items", "driving_events", "points"):
        assert world.people(f"move_{table}") == ["move-bert"]
    assert not world.s3.holds("move-anna")


def test_what_cannot_be_read_and_names_somebody_closed_is_not_set_aside(world: GatedWorld) -> None:
    world.close("our-anna", move="move-anna")
    body = json.loads(told("move-bert"))
    body["items"] += [{"contractId": "move-anna", "odd": 1}, {"contractId": "move-bert", "odd": 1}]
    world.put(NOTIFICATION, json.dumps(body).encode())
    first, second = world.settled()
    assert (first.rows, first.quarantined, first.dropped) == (1, 1, 1)
    assert (second.rows, second.quarantined, second.dropped) == (1, 1, 0)
    assert "move-anna" not in repr(world.rows("quarantine"))
    assert not world.s3.holds("move-anna")


def test_an_object_that_nobody_can_read_goes_where_it_names_somebody_closed(
    world: GatedWorld,
) -> None:
    world.close("our-anna", move="move-anna")
    world.put(NOTIFICATION, b'{"trips": [], "contractId": "move-anna"}')
    [only] = world.settled()
    assert (only.quarantined, only.dropped) == (0, 1)
    assert world.s3.versions == {}
    assert world.row(NOTIFICATION).state is State.LOADED


@pytest.mark.fault("erasure", of=("zendrive",))
def test_a_late_callback_of_somebody_erased_ends_up_nowhere(world: GatedWorld) -> None:
    world.close("our-anna", erased=True, zendrive="zen-anna")
    world.put(CALLBACK, callback("zen-anna"))
    [only] = world.settled()
    assert only.rows == 0
    assert only.dropped > 0
    assert world.s3.versions == {}
    assert world.rows("zendrive_trips") == []
    assert world.row(CALLBACK).state is State.LOADED


def test_a_callback_of_anybody_else_is_untouched(world: GatedWorld) -> None:
    world.close("our-anna", erased=True, zendrive="zen-anna")
    world.put(CALLBACK, callback("zen-bert"))
    [only] = world.settled()
    assert (only.rows > 0, only.dropped) == (True, 0)


def callback(driver: str) -> bytes:
    told = {
        "user_id": driver,
        "date": "2023-06-04",
        "trip_info": [],
        "auth_data": {"2023-06-04": True},
        "heartbeat": [],
    }
    return json.dumps(told).encode()


def test_a_trip_that_was_read_goes_by_the_driver_that_stands_beside_it(world: GatedWorld) -> None:
    world.close("our-anna", zendrive="zen/anna")
    answer = zendrive_answers.payload("answer_trip")
    entries = [
        Entry("trip", ASKED_AT, answer, str(Subject(driver, "1685865600000")))
        for driver in ("zen/anna", "zen-bert")
    ]
    world.put(READS, envelope.packed(entries))
    dropped = [one.dropped for one in world.settled()]
    assert dropped[0] > 0
    assert dropped[1:] == [0]
    assert set(world.people("zendrive_trips")) == {"zen-bert"}
    assert not world.s3.holds("zen%2Fanna")


def test_events_of_a_dashcam_go_by_the_driver_that_stands_beside_them(world: GatedWorld) -> None:
    world.close("our-anna", dashcam="cam-anna")
    answer: dict[str, Any] = {"code": 200, "data": {"videos": [], "snapshots": []}}
    entries = [
        Entry(
            "assets",
            ASKED_AT,
            json.dumps(answer).encode(),
            str(Event(f"uuid-{driver}", 1685865600, "cid-1", driver)),
        )
        for driver in ("cam-anna", "cam-bert")
    ]
    world.put(EVENTS, envelope.packed(entries))
    assert [one.dropped for one in world.settled()] == [1, 0]
    assert world.people("dashcam_event_assets") == ["cam-bert"]
    assert not world.s3.holds("cam-anna")


@pytest.mark.fault("erasure", of=("move",))
def test_who_is_closed_while_a_batch_is_read_is_not_in_it(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Together._look_again
    closed: list[str] = []

    def block_first(batch: Together) -> None:
        if not closed:
            closed.append("our-anna")
            world.close("our-anna", move="move-anna")
        look(batch)

    monkeypatch.setattr(Together, "_look_again", block_first)
    world.put(NOTIFICATION, told("move-anna", "move-bert"))
    assert [one.dropped for one in world.settled()] == [1, 0]
    assert world.people("move_notifications") == ["move-bert"]


def test_nobody_is_hashed_while_nobody_is_closed(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(identities.Identities, "of", refuse)
    world.put(NOTIFICATION, told("move-anna", "move-bert"))
    assert [one.rows for one in world.settled()] == [2]
