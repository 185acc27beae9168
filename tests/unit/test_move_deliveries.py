"""What MOVE's notifiers send: read strictly where it names a trip, and tolerantly elsewhere."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.providers.move import deliveries
from telematics.providers.move.deliveries import Notification, TimelineItem

PAYLOADS = Path(__file__).parent.parent / "payloads" / "webhooks"
START = datetime(2020, 10, 16, 10, 13, tzinfo=UTC)
ITEM = {"productId": 1000, "contractId": "1", "startTime": "2020-10-16T10:13:00Z"}
NEWS = {"id": "a", "productId": 1000, "contractId": "1", "time": "2020-10-16T10:13:00Z"}
MOMENTS = st.datetimes(timezones=st.just(UTC))


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def item(**members: Any) -> bytes:  # Any: whatever a sender may write
    return json.dumps({**ITEM, **members}).encode()


@pytest.mark.parametrize(
    ("webhook", "file", "day"),
    [
        ("timeline", "timeline.json", date(2020, 10, 16)),
        ("timeline", "timeline_v20.json", date(2022, 4, 12)),
        ("timeline", "timeline_ids_of_other_types.json", date(2020, 10, 16)),
        ("timeline", "timeline_written_by_a_person.json", date(2020, 10, 16)),
        ("notifications", "notifications.json", date(2021, 4, 16)),
        ("notifications", "notifications_v20.json", date(2023, 3, 7)),
    ],
)
def test_a_body_has_the_day_of_its_newest_item(webhook: str, file: str, day: date) -> None:
    assert deliveries.day(webhook, payload(file)) == day


@pytest.mark.parametrize(
    ("webhook", "body"),
    [("timeline", payload("timeline_of_nothing.json")), ("notifications", b"[]")],
)
def test_a_body_of_nothing_is_fine_and_has_no_day(webhook: str, body: bytes) -> None:
    assert deliveries.day(webhook, body) is None
    assert deliveries.split(webhook, body) == []


@given(moments=st.lists(MOMENTS, min_size=1))
def test_the_order_of_the_items_does_not_matter(moments: list[datetime]) -> None:
    items = [{**ITEM, "startTime": one.isoformat()} for one in moments]
    body = json.dumps({"items": items}).encode()
    assert deliveries.day("timeline", body) == max(moments).date()


def test_the_day_is_that_of_utc() -> None:
    body = b'{"items":[' + item(startTime="2020-10-16T00:30:00+02:00") + b"]}"
    assert deliveries.day("timeline", body) == date(2020, 10, 15)


@pytest.mark.parametrize(
    ("webhook", "body"),
    [
        ("timeline", b""),
        ("timeline", b"{}"),
        ("timeline", b"[]"),
        ("timeline", b'{"items":null}'),
        ("timeline", b"\xef\xbb\xbf" + payload("timeline.json")),
        ("timeline", payload("timeline.json")[:-1]),
        ("timeline", payload("timeline.json") + b"{}"),
        ("timeline", payload("notifications.json")),
        ("timeline", payload("timeline_without_a_start.json")),
        ("timeline", b'{"items":[' + item(startTime="0001-01-01T00:00:00+10:00") + b"]}"),
        ("notifications", payload("no_json.txt")),
        ("notifications", payload("timeline.json")),
        ("notifications", b"[" * 100_000),
        ("notifications", b'[{"id":"\xff"}]'),
    ],
)
def test_a_body_that_is_not_as_documented_is_malformed(webhook: str, body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        deliveries.day(webhook, body)


@given(body=st.binary() | st.text().map(str.encode))
def test_no_body_at_all_is_an_error_of_ours(body: bytes) -> None:
    for webhook in ("timeline", "notifications"):
        try:
            assert isinstance(deliveries.day(webhook, body), date | None)
        except MalformedPayload:
            continue


@pytest.mark.parametrize(
    "members",
    [
        {"productId": None},
        {"contractId": None},
        {"contractId": ""},
        {"contractId": True},
        {"contractId": 1.5},
        {"contractId": ["1"]},
        {"startTime": None},
        {"startTime": 1602843180},
        {"startTime": "yesterday"},
        {"startTime": "2020-10-16T10:13:00"},
        {"endTime": "later"},
        {"type": 7},
    ],
)
def test_an_item_without_its_identity_or_start_is_malformed(members: dict[str, Any]) -> None:
    with pytest.raises(MalformedPayload):
        deliveries.timeline_item(item(**members))


def test_either_version_of_the_api_says_the_same() -> None:
    newer = {"projectId": 1000, "userId": 1, "startTime": "2020-10-16T10:13:00Z"}
    for content in (item(), json.dumps(newer).encode()):
        found = deliveries.timeline_item(content)
        assert isinstance(found, TimelineItem)
        assert (found.product, found.contract, found.start) == ("1000", "1", START)
        assert (found.end, found.type) == (None, None)


def test_what_an_item_says_beyond_is_passed_by() -> None:
    found = deliveries.timeline_item(
        item(productId="1000", endTime="2020-10-16T10:20:00.5Z", type="IDLE", more=[1])
    )
    assert found.product == "1000"
    assert found.end == START + timedelta(minutes=7, milliseconds=500)
    assert found.type == "IDLE"


def test_a_notification_keeps_its_microseconds_and_its_data() -> None:
    (only,) = deliveries.split("notifications", payload("notifications.json"))
    found = deliveries.notification(only)
    assert isinstance(found, Notification)
    assert found.id == "0f0c4f0e-3f3c-4b4e-9d66-0a9d4b1f2a11"
    assert (found.product, found.contract, found.type) == ("1000", "123456789", "POI")
    assert found.time == datetime(2021, 4, 16, 9, 33, 41, 409927, UTC)
    assert found.data
    assert found.data["distance"] == "15"


def test_a_notification_of_v20_needs_no_data() -> None:
    weather, new = (
        deliveries.notification(one)
        for one in deliveries.split("notifications", payload("notifications_v20.json"))
    )
    assert (weather.product, weather.contract) == ("1000", "123456789")
    assert new.data is None


@pytest.mark.parametrize("name", ["id", "productId", "contractId", "time"])
def test_a_notification_without_its_identity_is_malformed(name: str) -> None:
    rest = {key: value for key, value in NEWS.items() if key != name}
    with pytest.raises(MalformedPayload):
        deliveries.notification(json.dumps(rest).encode())


def test_an_item_that_cannot_be_read_costs_itself_alone() -> None:
    good, bad = deliveries.split("timeline", payload("timeline_without_a_start.json"))
    assert deliveries.timeline_item(good).start == START
    with pytest.raises(MalformedPayload):
        deliveries.timeline_item(bad)


@pytest.mark.parametrize("body", [b"{}", b'{"items":7}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_list_cannot_be_split(body: bytes) -> None:
    for webhook in ("timeline", "notifications"):
        with pytest.raises(MalformedPayload):
            deliveries.split(webhook, body)


def test_a_refusal_names_places_and_no_values() -> None:
    with pytest.raises(MalformedPayload) as refusal:
        deliveries.timeline_item(item(contractId=["somebody"], startTime="at home"))
    assert "contractId" in str(refusal.value)
    assert "somebody" not in str(refusal.value)
    assert "at home" not in str(refusal.value)
