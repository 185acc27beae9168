"""What VisionMax's webhooks deliver: JSON inside of JSON, read strictly only where it is named."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.providers.dashcam import deliveries, rows
from telematics.providers.dashcam.datasets import WEBHOOK
from telematics.raw import RawKey
from telematics.versions import Contents
from tests.unit.dashcam_server import payload

DAY = date(2024, 3, 5)
NOON = datetime(2024, 3, 7, 12, tzinfo=UTC)


def read(body: bytes) -> Contents:
    return rows.contents(RawKey("dashcam", WEBHOOK, date(2024, 3, 9), "a", "json"), body, NOON)


def delivery(message: object, /, **members: Any) -> bytes:  # Any: whatever a sender may write
    told = message if isinstance(message, str) else json.dumps(message)
    return json.dumps({"messageId": "m-1", "hookName": "X", "message": told, **members}).encode()


def test_a_message_is_decoded_twice() -> None:
    message = deliveries.message(payload("message_event_triggered"))
    assert (message.message_id, message.hook, message.day) == ("m-1", "EVENT_TRIGGERED", DAY)
    assert message.members["gps"]["lat"] == "47.0707"


def test_a_delivery_has_the_day_of_its_message() -> None:
    body = payload("message_event_triggered")
    assert deliveries.day(WEBHOOK, body) == DAY
    assert [bytes(one) for one in deliveries.split(WEBHOOK, body)] == [body]


@pytest.mark.parametrize("timestamp", [None, "", "soon", -1, 1709622750000, True, [], 1e300])
def test_a_message_without_a_time_has_no_day(timestamp: object) -> None:
    assert deliveries.day(WEBHOOK, delivery({"timestamp": timestamp})) is None


@pytest.mark.parametrize("timestamp", [1709622750, "1709622750", 1709622750.9])
def test_a_time_may_be_text(timestamp: object) -> None:
    assert deliveries.day(WEBHOOK, delivery({"timestamp": timestamp})) == DAY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        delivery("["),
        delivery("[]"),
        delivery("null"),
        delivery("\ud800"),
        delivery({}, messageId=None),
        delivery({}, messageId=""),
        delivery({}, messageId=["m"]),
        delivery({}, message=None),
        delivery({}, message=7),
        payload("message_that_is_no_json"),
    ],
)
def test_a_delivery_that_is_not_as_documented_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        deliveries.day(WEBHOOK, body)


def test_a_refusal_shows_nothing_of_the_message() -> None:
    with pytest.raises(MalformedPayload) as caught:
        deliveries.message(delivery('{"device_sn": "sn-1", '))
    assert str(caught.value) == "message: not JSON"


def test_a_triggered_event_is_a_row_with_its_numbers_as_numbers() -> None:
    [thing] = read(payload("message_event_triggered")).things
    [row] = thing.rows["webhook_messages"]
    assert (thing.key, thing.day, row["day"]) == ("m-1", DAY, DAY)
    assert (row["hook_name"], row["envelope_type"]) == ("EVENT_TRIGGERED", "Notification")
    assert (row["lat"], row["lng"], row["alt"], row["speed"]) == (47.0707, 15.4395, 353.0, 48.5)
    assert (row["event_type"], row["severity_level"], row["task_id"]) == (1, "Severe", None)
    assert (row["video_count"], row["snapshots_capture_mode"]) == (0, '["C_F"]')
    assert row["timestamp"] == datetime(2024, 3, 5, 7, 12, 30, tzinfo=UTC)


def test_links_and_signatures_are_not_in_it() -> None:
    for name in ("message_event_triggered", "message_task_update"):
        shown = str(read(payload(name)).things)
        assert all(hint not in shown for hint in ("media.example", "X-Amz", "c2lnbmF0dXJl"))


def test_other_types_keep_what_they_tell_as_text() -> None:
    [thing] = read(payload("message_task_update")).things
    [row] = thing.rows["webhook_messages"]
    assert (row["task_id"], row["task_state"], row["more"]) == ("task-77", "2", '{"n":1}')
    assert thing.day == date(2024, 3, 9)  # without a time it is of the day it was kept under


def test_the_same_message_again_is_the_same_version() -> None:
    [once] = read(payload("message_event_triggered")).things
    [again] = read(payload("message_event_triggered").replace(b"c2ln", b"other")).things
    assert (once.key, once.day, once.digest) == (again.key, again.day, again.digest)


@pytest.mark.fault("poison", of=("dashcam",))
def test_a_message_that_cannot_be_read_is_set_aside() -> None:
    found = read(payload("message_that_is_no_json"))
    assert found.things == []
    assert [one.reason for one in found.unreadable] == ["message: not JSON"]


@given(st.binary() | st.text().map(lambda text: delivery(text)))
def test_no_body_at_all_is_an_error_of_ours(body: bytes) -> None:
    try:
        assert isinstance(deliveries.day(WEBHOOK, body), date | None)
    except MalformedPayload:
        assert len(read(body).unreadable) == 1
