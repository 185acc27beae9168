"""Batches in every shape, and what is done where the server wants none of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import Forbidden, InvalidRequest, NotFound, ProviderBusy, ProviderRefused
from telematics.providers.move.batches import SHAPES, grouped, single
from telematics.providers.move.trip_id import TripId
from tests.unit.move_server import DRIVE, IDLE, PRODUCT, Server, answering, ok, payload, told

LISTED = payload("answer_list_of_a_drive_and_an_idle_time")
SOMEBODY_ELSE = TripId(DRIVE.start, PRODUCT, "driver-18")
TRIPS = [DRIVE, SOMEBODY_ELSE, IDLE]


def described(trip: TripId) -> dict[str, object]:
    return {"productId": 4711, "contractId": trip.contract, "startTs": trip.rfc3339}


@dataclass
class Details:
    """Knows some trips. Answers batches with `batch_status`, and some people's items with 403."""

    known: Sequence[TripId] = (DRIVE, IDLE, SOMEBODY_ELSE)
    batch_status: int = 200
    blocked: Sequence[str] = ()
    item_status: Mapping[TripId, int] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return self._batch(json.loads(request.content))
        person = request.url.params["contractId"]
        second = int(request.url.path.rsplit("/", 1)[1])
        found = [one for one in self.known if (one.seconds, one.contract) == (second, person)]
        if person in self.blocked:
            return httpx.Response(403)
        if not found:
            return httpx.Response(404)
        code = self.item_status.get(found[0], 200)
        return httpx.Response(code, json=described(found[0]))

    def _batch(self, body: Any) -> httpx.Response:  # Any: of whatever shape
        if self.batch_status != 200:
            return httpx.Response(self.batch_status)
        asked = body if isinstance(body, list) else [body]
        if any(one["contractId"] in self.blocked for one in asked):
            return httpx.Response(403)
        wanted = {
            (start, one["contractId"])
            for one in asked
            for start in (one["startTs"] if isinstance(one["startTs"], list) else [one["startTs"]])
        }
        found = [one for one in self.known if (one.rfc3339, one.contract) in wanted]
        return httpx.Response(200, json=[described(one) for one in reversed(found)])


def test_a_batch_is_a_list_of_questions_unless_told_otherwise() -> None:
    server = answering(ok(LISTED))

    answers = server.client().batch([DRIVE, IDLE])

    assert server.paths == ["POST /timeline/v1_5/batch"]
    assert dict(server.requests[0].url.params) == {"productId": PRODUCT}
    assert server.bodies == [
        [
            {"startTs": "2024-03-05T07:12:30.250Z", "productId": 4711, "contractId": "driver-17"},
            {"startTs": "2024-03-05T07:41:05Z", "productId": 4711, "contractId": "driver-17"},
        ]
    ]
    [answer] = answers.answers
    assert (answer.asked, answer.body) == ("batch", LISTED)
    assert {one.trip for one in answers.items} == {DRIVE, IDLE}
    assert all(one.body in LISTED for one in answers.items)


def test_a_grouped_batch_is_a_question_for_each_person() -> None:
    server = Server(Details())

    answers = server.client(batch_shape=grouped).batch(TRIPS)

    assert server.bodies == [
        {
            "startTs": ["2024-03-05T07:12:30.250Z", "2024-03-05T07:41:05Z"],
            "productId": 4711,
            "contractId": "driver-17",
        },
        {"startTs": ["2024-03-05T07:12:30.250Z"], "productId": 4711, "contractId": "driver-18"},
    ]
    assert {one.trip for one in answers.items} == set(TRIPS)


def test_a_single_batch_is_a_question_for_each_trip() -> None:
    server = Server(Details())

    answers = server.client(batch_shape=single).batch([DRIVE, IDLE])

    assert server.bodies == [
        {"startTs": "2024-03-05T07:12:30.250Z", "productId": 4711, "contractId": "driver-17"},
        {"startTs": "2024-03-05T07:41:05Z", "productId": 4711, "contractId": "driver-17"},
    ]
    assert [one.trip for one in answers.items] == [DRIVE, IDLE]


def test_a_product_that_is_no_number_is_sent_as_it_is() -> None:
    server = answering(ok(payload("answer_list_of_a_drive_and_an_idle_time")))

    server.client(product_id="0042").batch([TripId(DRIVE.start, "0042", "a")])

    assert server.bodies[0][0]["productId"] == "0042"


@pytest.mark.parametrize("shape", SHAPES)
@given(seconds=st.lists(st.integers(0, 50), max_size=30), size=st.integers(1, 7))
def test_every_trip_is_told_once_whatever_the_shape_and_size(
    shape: str, seconds: list[int], size: int
) -> None:
    trips = [
        TripId(datetime.fromtimestamp(one // 2, UTC), PRODUCT, f"p{one % 2}") for one in seconds
    ]
    server = Server(Details(known=trips))

    answers = server.client(batch_shape=SHAPES[shape], batch_size=size).batch(trips)

    assert {one.trip for one in answers.items} == set(trips)
    assert len(answers.items) == len(set(trips))
    assert answers.refused == {}


def test_many_trips_are_asked_for_in_batches_and_none_at_all_not() -> None:
    trips = [TripId(DRIVE.start + timedelta(seconds=one), PRODUCT, "a") for one in range(250)]
    server = Server(Details(known=trips))

    assert len(server.client().batch(trips).items) == 250
    assert [len(body) for body in server.bodies] == [100, 100, 50]
    assert server.client().batch([]).answers == ()
    assert len(server.requests) == 3


def test_a_trip_that_is_wanted_twice_is_asked_for_once() -> None:
    server = Server(Details())

    server.client().batch([DRIVE, IDLE, DRIVE])

    assert [len(body) for body in server.bodies] == [2]


def test_what_is_not_there_is_missing_and_spoils_no_other() -> None:
    server = Server(Details(known=[IDLE]))

    answers = server.client().batch([DRIVE, IDLE])

    assert [one.trip for one in answers.items] == [IDLE]


@pytest.mark.parametrize("code", [400, 404, 405, 415, 422])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_server_that_wants_no_such_batch_is_asked_item_by_item_from_then_on(
    shape: str, code: int
) -> None:
    server = Server(Details(batch_status=code))
    api = server.client(batch_shape=SHAPES[shape])

    first, second = api.batch([DRIVE, IDLE]), api.batch([SOMEBODY_ELSE])

    assert server.paths == [
        "POST /timeline/v1_5/batch",
        "GET /timeline/v1_5/1709622750",
        "GET /timeline/v1_5/1709624465",
        "GET /timeline/v1_5/1709622750",
    ]
    assert [one.trip for one in (*first.items, *second.items)] == [DRIVE, IDLE, SOMEBODY_ELSE]
    assert [one.asked for one in first.answers] == ["item", "item"]


def test_a_batch_of_nothing_that_is_there_tells_nothing_about_the_shape() -> None:
    details = Details(known=[], batch_status=404)
    server = Server(details)
    api = server.client()

    nothing = api.batch([DRIVE])
    details.known, details.batch_status = [IDLE], 200
    something = api.batch([IDLE])

    assert isinstance(nothing.refused[DRIVE], NotFound)
    assert [one.asked for one in something.answers] == ["batch"]


def test_one_blocked_person_spoils_no_other_and_is_not_held_against_the_shape() -> None:
    details = Details(blocked=["driver-18"])
    server = Server(details)
    api = server.client()

    answers = api.batch(TRIPS)
    later = api.batch([IDLE])

    assert [one.trip for one in answers.items] == [DRIVE, IDLE]
    assert list(answers.refused) == [SOMEBODY_ELSE]
    assert isinstance(answers.refused[SOMEBODY_ELSE], Forbidden)
    assert [one.asked for one in later.answers] == ["batch"]
    assert "driver-18" not in repr(answers)


def test_one_by_one_whoever_is_refused_is_told_with_the_reason() -> None:
    impossible = TripId(datetime(1960, 1, 1, tzinfo=UTC), PRODUCT, "a")
    gone = TripId(DRIVE.start, PRODUCT, "nobody")
    details = Details(batch_status=405, item_status={IDLE: 400})
    server = Server(details)

    answers = server.client().batch([impossible, gone, IDLE, DRIVE])

    assert [one.trip for one in answers.items] == [DRIVE]
    assert {trip: type(error) for trip, error in answers.refused.items()} == {
        impossible: InvalidRequest,
        gone: NotFound,
        IDLE: ProviderRefused,
    }


def test_keys_that_are_refused_end_it_at_once() -> None:
    details = Details(batch_status=405, item_status={DRIVE: 401})
    server = Server(details)

    told(lambda: server.client().batch(TRIPS), ProviderRefused)

    assert len(server.requests) == 2


def test_a_server_that_is_busy_is_not_asked_item_by_item() -> None:
    server = Server(Details(batch_status=503))

    told(lambda: server.client().batch(TRIPS), ProviderBusy)

    assert set(server.paths) == {"POST /timeline/v1_5/batch"}


def test_a_busy_server_amid_items_leaves_all_of_them_for_later() -> None:
    details = Details(batch_status=405, item_status={IDLE: 503})

    text = told(lambda: Server(details).client().batch(TRIPS), ProviderBusy)

    assert "answered 503" in text


def test_a_server_that_takes_a_batch_for_something_else_is_asked_item_by_item() -> None:
    knows = Details()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[]) if request.method == "POST" else knows(request)

    server = Server(answer)
    client = server.client()
    assert [one.trip for one in client.batch(TRIPS).items] == TRIPS
    client.batch(TRIPS)
    assert sum(request.method == "POST" for request in server.requests) == 1


def test_a_batch_of_which_nothing_is_there_yet_stays_a_batch() -> None:
    server = Server(Details(known=()))
    client = server.client()
    for _ in range(2):
        found = client.batch(TRIPS)
        assert (found.items, dict(found.refused)) == ((), {})
    assert sum(request.method == "POST" for request in server.requests) == 2
