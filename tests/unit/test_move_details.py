"""The details of notified trips: what came, what may come later, and what never will."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest

from telematics.enrichment.sources import Details, Fate
from telematics.errors import ProviderBusy
from telematics.providers.move import items
from telematics.providers.move.details import MoveDetails
from telematics.providers.move.trip_id import TripId
from telematics.providers.move.wire import KeysRefused
from tests.unit import timeline
from tests.unit.move_server import PRODUCT, Server

NOW = datetime(2023, 6, 5, 12, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def trip(hour: int, person: str = "u1", product: str = PRODUCT) -> TripId:
    return TripId(datetime(2023, 6, 4, hour, tzinfo=UTC), product, person)


def item(of: TripId, kind: str = "DRIVING") -> timeline.Item:
    return timeline.item(of.rfc3339, of.contract, productId=int(of.product), type=kind)


@dataclass
class Move:
    """Knows some items and the points of all drives, unless a test says how it answers instead."""

    items: list[timeline.Item] = field(default_factory=list)
    instead: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, person = request.url.path, request.url.params.get("contractId", "")
        for part, status in self.instead.items():
            if part in path or part == person:
                return httpx.Response(status)
        if path.endswith("/points"):
            return httpx.Response(200, json=[{"timestamp": timeline.START, "lat": 1, "lon": 2}])
        if path.endswith("/batch"):
            asked = {(one["contractId"], one["startTs"]) for one in json.loads(request.content)}
            found = [one for one in self.items if (one["contractId"], one["startTs"]) in asked]
            return httpx.Response(200, json=found)
        theirs = [one for one in self.items if one["contractId"] == person]
        if path.endswith("/v1_5"):
            return httpx.Response(200, json=theirs)
        return httpx.Response(200, json=theirs[0]) if theirs else httpx.Response(404)


def details(server: Move, *wanted: TripId) -> Details:
    source = MoveDetails(Server(server).client(), most=100)
    return source.details([str(one) for one in wanted], now=NOW)


def asked(found: Details) -> list[str]:
    return [one.asked for one in found.entries]


def test_items_come_in_one_batch_and_drives_with_their_points() -> None:
    drive, walk = trip(8), trip(9)
    found = details(Move([item(drive), item(walk, "WALKING")]), drive, walk)
    assert asked(found) == ["batch", "points"]
    assert found.entries[1].trip == str(drive)
    assert (found.later, found.refused, found.busy) == ({}, {}, None)


@pytest.mark.parametrize(
    ("kind", "has_points"),
    [("DRIVING", True), ("CYCLING", True), ("CAR", True), ("FAKETRIP", False), ("TRAIN", False)],
)
def test_only_what_moves_on_roads_has_points(kind: str, has_points: bool) -> None:
    found = details(Move([item(trip(8), kind)]), trip(8))
    assert ("points" in asked(found)) is has_points


def test_what_the_api_does_not_know_yet_is_for_later() -> None:
    found = details(Move([item(trip(8))]), trip(8), trip(9))
    assert found.later == {str(trip(9)): Fate.UNKNOWN}


def test_a_start_with_a_fraction_is_found_by_its_second() -> None:
    told = trip(8)
    exact = timeline.item("2023-06-04T08:00:00.455Z", "u1", productId=int(PRODUCT))

    def answer(request: httpx.Request) -> httpx.Response:
        points: list[object] = []
        return httpx.Response(200, json=points if "points" in request.url.path else [exact])

    source = MoveDetails(Server(answer).client(), most=100)
    found = source.details([str(told)], now=NOW)
    assert found.later == {}
    assert found.entries[1].trip == "20230604T080000.455Z-4711-u1"


def test_a_blocked_person_ends_with_a_reason_and_the_others_come() -> None:
    blocked, free = trip(8, "blocked"), trip(8, "u1")
    server = Move([item(free, "WALKING")], instead={"batch": 403, "blocked": 403})
    found = details(server, blocked, free)
    assert found.refused == {str(blocked): "blocked"}
    assert asked(found) == ["item"]


def test_points_that_are_not_there_yet_are_for_later_and_those_refused_never_come() -> None:
    assert details(Move([item(trip(8))], {"points": 404}), trip(8)).later == {
        str(trip(8)): Fate.INCOMPLETE
    }
    assert details(Move([item(trip(8))], {"points": 400}), trip(8)).refused == {
        str(trip(8)): "without points"
    }


def test_points_that_nobody_promised_are_not_missed() -> None:
    found = details(Move([item(trip(8), "CAR")], {"points": 400}), trip(8))
    assert (found.later, found.refused) == ({}, {})


def test_a_provider_too_busy_for_points_keeps_what_came() -> None:
    found = details(Move([item(trip(8))], {"points": 503}), trip(8))
    assert asked(found) == ["batch"]
    assert isinstance(found.busy, ProviderBusy)
    assert found.later == {str(trip(8)): Fate.BUSY}


def test_keys_that_are_refused_end_everything() -> None:
    with pytest.raises(KeysRefused):
        details(Move([item(trip(8))], {"points": 401}), trip(8))


def test_a_trip_of_another_product_is_not_asked_for() -> None:
    foreign = trip(8, product="9")
    found = details(Move([]), foreign)
    assert found.refused == {str(foreign): "of another product"}
    assert asked(found) == []


def test_a_notification_names_its_trips_in_their_places() -> None:
    body = timeline.notification(timeline.START).replace(b'{"items": [', b'{"items": [{"odd": 1}, ')
    source = MoveDetails(Server(Move()).client(), most=100)
    assert source.wanted("timeline", body) == [None, "20230604T080000.000Z-1000-user-1"]


def test_what_is_listed_has_the_digest_that_the_lake_gives_it() -> None:
    one = item(trip(8))
    source = MoveDetails(Server(Move([one])).client(), most=100)
    (listed,) = source.listing("u1", first=NOW, last=NOW)
    assert listed.digest == items.understood(json.dumps(one).encode()).digest
    assert asked(source.of_listed([listed], now=NOW)) == ["items", "points"]
