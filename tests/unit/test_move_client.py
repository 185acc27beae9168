"""MOVE's API as documented, and every way in which it may refuse or be busy."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from telematics.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from telematics.providers.move.answers import identified
from telematics.providers.move.api import V20
from telematics.providers.move.client import Move
from telematics.providers.move.trip_id import TripId
from tests.unit.move_server import (
    DRIVE,
    IDLE,
    KEY,
    PERSON,
    PRODUCT,
    Answer,
    Server,
    answering,
    ok,
    payload,
    status,
    told,
)

MARCH_5 = datetime(2024, 3, 5, tzinfo=UTC)
MARCH_6 = datetime(2024, 3, 6, tzinfo=UTC)
ITEM, POINTS = payload("answer_item_of_a_drive"), payload("answer_points_of_a_drive")
LABELLED, TOKENS = payload("answer_label_of_a_drive"), payload("answer_tokens")
LISTED = payload("answer_list_of_a_drive_and_an_idle_time")

CALLS: dict[str, tuple[bytes, Callable[[Move], object]]] = {
    "item": (ITEM, lambda api: api.item(DRIVE)),
    "points": (POINTS, lambda api: api.points(DRIVE)),
    "label": (LABELLED, lambda api: api.label(DRIVE, "CAR")),
    "items": (LISTED, lambda api: api.items(PERSON, first=MARCH_5, last=MARCH_6)),
    "batch": (LISTED, lambda api: api.batch([DRIVE])),
    "register": (TOKENS, lambda api: api.register(PERSON)),
    "delete": (b"", lambda api: api.delete(PERSON)),
    "block": (b"", lambda api: api.block(PERSON, blocked=True)),
}
EVERY_CALL = pytest.mark.parametrize("name", CALLS)


def query(request: httpx.Request) -> dict[str, str]:
    return dict(request.url.params)


@EVERY_CALL
def test_every_call_is_signed_in_with_product_and_key(name: str) -> None:
    good, call = CALLS[name]
    server = answering(ok(good))

    call(server.client())

    [request] = server.requests
    kind, pair = request.headers["authorization"].split(" ")
    assert (kind, base64.b64decode(pair)) == ("Basic", f"{PRODUCT}:{KEY}".encode())
    assert str(request.url).startswith("https://move.example/")


def test_one_item_is_asked_for_by_its_whole_seconds_and_kept_as_it_came() -> None:
    server = answering(ok(ITEM))

    answer = server.client().item(DRIVE)

    assert server.paths == ["GET /timeline/v1_5/1709622750"]
    assert query(server.requests[0]) == {"productId": PRODUCT, "contractId": PERSON}
    assert (answer.asked, answer.body) == ("item", ITEM)
    assert answer.items == ((DRIVE, ITEM),)
    assert answer.unidentified == ()


def test_points_are_asked_for_with_their_details_and_kept_as_they_came() -> None:
    server = answering(ok(POINTS))

    answer = server.client().points(DRIVE)

    assert server.paths == ["GET /timeline/v1_5/1709622750/points"]
    assert query(server.requests[0]) == {
        "productId": PRODUCT,
        "contractId": PERSON,
        "withWayPointInfo": "true",
    }
    assert (answer.asked, answer.body, answer.items) == ("points", POINTS, ())


def test_a_label_stands_in_the_path_behind_the_start() -> None:
    server = answering(ok(LABELLED))

    answer = server.client().label(DRIVE, "CAR")

    assert server.paths == ["PATCH /timeline/v1_5/label/1709622750/CAR"]
    assert query(server.requests[0]) == {"productId": PRODUCT, "contractId": PERSON}
    assert answer.items == ((DRIVE, LABELLED),)


@pytest.mark.parametrize("label", ["", "a/b", "CAR?x=1", "CAR ", "ÄUTO", ".."])
def test_a_label_that_is_no_word_never_reaches_a_path(label: str) -> None:
    server = answering(ok(LABELLED))

    told(lambda: server.client().label(DRIVE, label), InvalidRequest)

    assert server.requests == []


def test_people_are_registered_blocked_and_deleted_as_documented() -> None:
    server = answering(ok(TOKENS))
    api = server.client()

    tokens = api.register(PERSON, installation="phone-3")
    api.register(PERSON)
    api.block(PERSON, blocked=True)
    api.block(PERSON, blocked=False)
    api.delete(PERSON)

    assert server.paths == [
        "POST /sdk-auth/v1_5/jwt/registeruser",
        "POST /sdk-auth/v1_5/jwt/registeruser",
        "POST /access/v1_5/block",
        "POST /access/v1_5/block",
        "POST /sdk-auth/v1_5/deleteuser",
    ]
    assert server.bodies == [
        {"contractId": PERSON, "installationId": "phone-3"},
        {"contractId": PERSON},
        {"productId": 4711, "contractId": PERSON, "block": True},
        {"productId": 4711, "contractId": PERSON, "block": False},
        {"contractId": PERSON},
    ]
    assert tokens.access.get_secret_value() == "access-token-of-driver-17"
    assert tokens.refresh.get_secret_value() == "refresh-token-of-driver-17"
    assert tokens.audience == "claims desk"
    assert "token-of" not in repr(tokens)


def test_the_other_version_has_other_paths_names_and_methods() -> None:
    listed = payload("answer_v20_list_oldest_first")
    server = Server(lambda request: ok(TOKENS if "user" in request.url.path else listed))
    api = server.client(api=V20)

    answers = api.items(PERSON, first=MARCH_5, last=MARCH_6)
    api.batch([DRIVE])
    api.register(PERSON)
    api.block(PERSON, blocked=True)
    api.delete(PERSON)

    assert server.paths == [
        "GET /v20/timeline",
        "POST /v20/timeline/batch",
        "POST /v20/user",
        "POST /v20/access/block",
        "DELETE /v20/user",
    ]
    assert query(server.requests[0])["projectId"] == PRODUCT
    assert query(server.requests[0])["userId"] == PERSON
    assert server.bodies == [
        [{"startTs": "2024-03-05T07:12:30.250Z", "projectId": 4711, "userId": PERSON}],
        {"userId": PERSON},
        {"projectId": 4711, "userId": PERSON, "block": True},
        {"projectId": 4711, "userId": PERSON},
    ]
    assert [str(one.trip) for one in answers.items] == [
        "20240304T180000.000Z-4711-driver-17",
        "20240305T170500.000Z-4711-driver-17",
    ]


def test_single_items_points_and_labels_of_the_other_version() -> None:
    server = Server(lambda request: ok(POINTS if "points" in request.url.path else ITEM))
    api = server.client(api=V20)

    api.item(DRIVE)
    api.points(DRIVE)
    api.label(DRIVE, "CAR")

    assert server.paths == [
        "GET /v20/timeline/1709622750",
        "GET /v20/timeline/1709622750/points",
        "PATCH /v20/timeline/label/1709622750/CAR",
    ]


@pytest.mark.parametrize("year", [1960, 6000])
def test_a_time_that_is_no_seconds_is_refused_before_anything_is_sent(year: int) -> None:
    server = answering(ok(ITEM))
    api = server.client()
    moment = datetime(year, 1, 1, tzinfo=UTC)
    trip = TripId(moment, PRODUCT, PERSON)

    for call in (
        lambda: api.item(trip),
        lambda: api.points(trip),
        lambda: api.label(trip, "CAR"),
        lambda: api.items(PERSON, first=moment, last=moment),
    ):
        assert "UNIX seconds" in told(call, InvalidRequest)
    assert server.requests == []


@pytest.mark.parametrize("name", [name for name in CALLS if name != "batch"])
@pytest.mark.parametrize(
    ("code", "error"),
    [(401, ProviderRefused), (403, Forbidden), (404, NotFound), (409, ProviderRefused)],
)
def test_a_refusal_is_not_asked_again_and_tells_its_status(
    name: str, code: int, error: type[ProviderError]
) -> None:
    server = answering(status(code))

    text = told(lambda: CALLS[name][1](server.client()), error)

    assert text.startswith(f"Dolphin MOVE answered {code}")
    assert len(server.requests) == 1


def test_keys_that_are_not_accepted_get_a_hint() -> None:
    text = told(lambda: answering(status(401)).client().item(DRIVE), ProviderRefused)

    assert text == "Dolphin MOVE answered 401: are product_id and api_key right?"


@EVERY_CALL
@pytest.mark.parametrize(
    "passing",
    [
        status(500),
        status(429),
        httpx.ReadTimeout(f"timed out with {KEY} for {PERSON}"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("broken"),
    ],
)
def test_what_passes_is_asked_again_with_growing_waits(name: str, passing: Answer) -> None:
    good, call = CALLS[name]
    server = answering(passing, passing, ok(good))

    call(server.client())

    assert server.waits == [0.5, 1.0]
    assert len({request.url for request in server.requests}) == 1


@pytest.mark.parametrize("name", ["item", "points", "label", "items", "batch", "register"])
@pytest.mark.parametrize(
    "senseless", [b"", b"null", b"<html>", b'"driver-17"', b"[{", b"\xff", b"[" * 100_000]
)
def test_an_answer_that_is_not_as_documented_is_asked_for_again(
    name: str, senseless: bytes
) -> None:
    good, call = CALLS[name]
    server = answering(ok(senseless), ok(good))
    call(server.client())
    assert server.waits == [0.5]

    told(lambda: call(answering(ok(senseless)).client()), ProviderBusy)


@pytest.mark.parametrize("name", ["item", "label", "register"])
def test_a_list_is_no_object(name: str) -> None:
    text = told(lambda: CALLS[name][1](answering(ok(LISTED)).client()), ProviderBusy)
    assert text.startswith("Dolphin MOVE's answer")


@pytest.mark.parametrize("name", ["points", "items", "batch"])
def test_an_object_is_no_list(name: str) -> None:
    text = told(lambda: CALLS[name][1](answering(ok(ITEM)).client()), ProviderBusy)
    assert text == "Dolphin MOVE's answer is not a JSON array"


def test_retry_after_is_obeyed_and_one_that_is_too_long_left_to_the_caller() -> None:
    server = answering(status(429, retry_after="7"), ok(ITEM))
    server.client().item(DRIVE)
    assert server.waits == [7.0]

    with pytest.raises(ProviderBusy) as caught:
        answering(status(503, retry_after="3600")).client().item(DRIVE)
    assert caught.value.retry_after_seconds == 3600


def test_elements_that_name_no_trip_are_kept_and_reported() -> None:
    content = payload("answer_batch_with_elements_that_name_no_trip")
    server = answering(ok(content))

    [answer] = server.client().batch([DRIVE, IDLE]).answers

    assert answer.body == content
    assert [one.trip for one in answer.items] == [DRIVE, IDLE]
    assert len(answer.unidentified) == 7
    assert answer.elements == 9
    assert [json.loads(one) for one in answer.unidentified][-2:] == ["text", None]


@pytest.mark.parametrize(
    ("element", "trip"),
    [
        (
            '{"startTs":"2024-03-05T08:12:30.25+01:00","productId":"4711","contractId":"driver-17"}',
            DRIVE,
        ),
        ('{"startTs":"2024-03-05T07:41:05Z","projectId":4711,"userId":"driver-17"}', IDLE),
        ('{"startTs":"2024-03-05T07:41:05","productId":4711,"contractId":"driver-17"}', IDLE),
        (
            '{"startTs":"2024-03-05T07:41:05Z","productId":4711,"contractId":17}',
            TripId(IDLE.start, PRODUCT, "17"),
        ),
        ('{"startTs":"0001-01-01T00:00:00+14:00","productId":4711,"contractId":"a"}', None),
        ('{"startTs":1709622750,"productId":4711,"contractId":"a"}', None),
        ('{"startTs":"2024-03-05T07:41:05Z","productId":true,"contractId":"a"}', None),
        ('{"startTs":"2024-03-05T07:41:05Z","productId":4711,"contractId":{}}', None),
        ("[]", None),
    ],
)
def test_a_trip_is_named_in_any_of_the_documented_spellings(
    element: str, trip: TripId | None
) -> None:
    assert identified(element.encode()) == trip


def test_what_came_is_not_shown_and_neither_is_the_key() -> None:
    api = answering(ok(LISTED)).client()
    answers = api.items(PERSON, first=MARCH_5, last=MARCH_6)

    assert repr(answers) == "Answers(answers=(Answer(asked='items'),))"
    assert all(secret not in repr(vars(api)) for secret in (KEY, "NDcxMTp2ZXJ5OnNlY3JldA"))
