"""Deliveries: the exact bytes, signed, stored once under a key of their own; all else refused."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from telematics.catalog import Provider
from telematics.errors import MissingSetting
from telematics.raw import RawKey
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS
from telematics.webhooks import Address, Delivery, HttpEvent, Refused, Taken
from tests.unit.fakes import refusal
from tests.unit.signed_deliveries import FIELDS, MOVE, SECRET, Received, event, payload

NOW = datetime(2026, 11, 21, 10, 20, 30, 123456, UTC)
BODY = payload("timeline.json")
SMALL = replace(
    MOVE, webhooks=tuple(replace(one, largest_bytes=len(BODY)) for one in MOVE.webhooks)
)


def take(here: Received, told: HttpEvent, now: datetime = NOW) -> Taken:
    return here.receiver.take(told, now=now)


def delivered(told: HttpEvent, provider: Provider = MOVE) -> Delivery:
    return Delivery.from_event(told, Address.of(told, provider))


def refused(here: Received, told: HttpEvent) -> tuple[str, int]:
    """Why, and with what status; nothing was stored."""
    with pytest.raises(Refused) as raised:
        take(here, told)
    assert here.s3.objects == {}
    return raised.value.reason, raised.value.status


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("name", ["timeline.json", "timeline_written_by_a_person.json"])
def test_the_exact_bytes_are_stored_under_their_digest(name: str, encoded: bool) -> None:
    here = Received()
    body = payload(name)
    taken = take(here, event(body, encoded=encoded))

    digest = hashlib.sha256(body).hexdigest()
    key = f"move/timeline/day=2020-10-16/{digest}.json"
    assert here.s3.objects == {key: body}
    assert here.s3.metadata[key] == {
        "sha256": digest,
        "fetched-at": "2026-11-21T10:20:30.123Z",
        "provider-request-id": "request-1",
    }
    assert taken == Taken(
        webhook=MOVE.webhooks[0],
        signed_by="current",
        key=RawKey("move", "timeline", date(2020, 10, 16), digest, "json"),
        size=len(body),
        is_new=True,
    )


@pytest.mark.fault("replay", of=("move",))
def test_a_replayed_delivery_is_stored_once() -> None:
    here = Received()
    assert take(here, event(BODY)).is_new
    assert not take(here, event(BODY), NOW + timedelta(days=3)).is_new
    assert len(here.s3.objects) == 1
    assert [one["fetched-at"][:10] for one in here.s3.metadata.values()] == ["2026-11-21"]


def test_the_other_webhook_has_a_secret_and_a_dataset_of_its_own() -> None:
    here = Received()
    news = payload("notifications.json")
    told = event(news, webhook="notifications", key=FIELDS["notifications_secret"])
    assert str(take(here, told).key).startswith("move/notifications/day=2021-04-16/")
    told = event(BODY, key=FIELDS["notifications_secret"])
    with pytest.raises(Refused):
        take(here, told)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("timeline_of_nothing.json", True),
        ("timeline_without_a_start.json", False),
        ("no_json.txt", False),
    ],
)
def test_a_body_without_a_day_is_stored_under_the_day_it_arrived(name: str, expected: bool) -> None:
    here = Received()
    body = payload(name)
    late = datetime(2026, 11, 22, 0, 30, tzinfo=UTC).astimezone(tz=None)
    taken = take(here, event(body), late)
    assert taken.key.day == date(2026, 11, 22)
    assert (taken.unexpected == "") == expected
    assert [*here.s3.objects.values()] == [body]


@pytest.mark.fault("rotated", of=("move",))
def test_both_secrets_count_while_one_rotates() -> None:
    here = Received()
    here.manager.put({"timeline_secret": "new", "timeline_secret_previous": SECRET})
    assert take(here, event(BODY, key="new")).signed_by == "current"
    assert take(here, event(BODY)).signed_by == "previous"

    here.manager.put({"timeline_secret": "new"})
    here.clock.now += SECRET_LIFETIME_SECONDS
    with pytest.raises(Refused, match="bad_signature"):
        take(here, event(BODY))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no_signature"),
        (None, "no_signature"),
        ({"x-dolphin-signature": ""}, "no_signature"),
        ({"x-signature": "sha256=2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs="}, "no_signature"),
        ({"x-dolphin-signature": "sha256=AAAA"}, "bad_signature"),
        (
            {"x-dolphin-signature": "2XlCaRDKRxyR+rZYYQQsBZfj+jMtxeup47zLuJRs5vs="},
            "bad_signature",
        ),
    ],
)
def test_what_is_not_signed_is_refused(headers: Any, reason: str) -> None:
    assert refused(Received(), event(BODY, headers=headers)) == (reason, 401)


def test_what_is_not_signed_costs_no_look_at_the_secrets() -> None:
    here = Received()
    refused(here, event(BODY, headers={}))
    refused(here, event(b""))
    assert here.manager.reads == 0


@pytest.mark.parametrize("encoded", [True, False])
def test_an_empty_body_is_refused_even_when_signed(encoded: bool) -> None:
    assert refused(Received(), event(b"", encoded=encoded)) == ("empty_body", 401)
    assert refused(Received(), event(b"", body=None)) == ("empty_body", 401)


def test_an_empty_secret_accepts_nothing() -> None:
    here = Received()
    here.manager.put({"timeline_secret": SECRET, "timeline_secret_previous": ""})
    assert refused(here, event(BODY, key="")) == ("bad_signature", 401)


@given(body=st.binary(min_size=1), other=st.binary())
def test_a_signature_of_other_bytes_is_refused(body: bytes, other: bytes) -> None:
    told = event(body, body=base64.b64encode(other).decode())
    if body == other:
        assert take(Received(), told).signed_by == "current"
    else:
        assert refused(Received(), told)[1] == 401


@pytest.mark.parametrize("text", ["a", "a===", "not base 64", "\ud800", "é"])
def test_a_body_that_is_not_encoded_as_told_is_refused(text: str) -> None:
    assert refused(Received(), event(BODY, body=text))[1] == 401
    assert refused(Received(), event(BODY, body=text, isBase64Encoded=False))[1] == 401


def test_a_body_may_be_as_large_as_declared() -> None:
    for encoded in (True, False):
        assert delivered(event(BODY, encoded=encoded), SMALL).body == BODY


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("more", [b"x", "é".encode() * 5_000])
def test_a_body_that_is_too_large_is_refused_before_all_else(more: bytes, encoded: bool) -> None:
    with pytest.raises(Refused) as raised:
        delivered(event(BODY + more, encoded=encoded), SMALL)
    assert (raised.value.reason, raised.value.status) == ("too_large", 413)


def test_characters_of_more_than_a_byte_count_as_bytes() -> None:
    body = ("é" * (len(BODY) // 2 + 1)).encode()
    with pytest.raises(Refused, match="too_large"):
        delivered(event(body, encoded=False), SMALL)


@pytest.mark.parametrize(
    "place",
    [
        "/webhooks/move/nothing",
        "/webhooks/sentiance/timeline",
        "/webhooks/move",
        "/webhooks/move/timeline/more",
        "/webhooks/move/timeline\n",
        "/webhooks//timeline",
        "",
    ],
)
def test_an_unknown_webhook_is_not_found(place: str) -> None:
    told = event(BODY, routeKey=f"POST {place}", rawPath=place)
    assert refused(Received(), told) == ("unknown_webhook", 404)


@pytest.mark.parametrize(
    "place",
    [
        {"routeKey": "$default"},
        {"routeKey": "POST /webhooks/{provider}/{name}", "rawPath": "/dev/webhooks/move/timeline"},
        {"rawPath": "/elsewhere"},
    ],
)
def test_a_webhook_is_found_by_its_route_or_its_path(place: dict[str, Any]) -> None:
    assert delivered(event(BODY, **place)).webhook.name == "timeline"


def test_an_event_of_nothing_is_no_error_of_ours() -> None:
    assert refused(Received(), {}) == ("unknown_webhook", 404)
    bare: HttpEvent = {"rawPath": "/webhooks/move/timeline"}
    assert refused(Received(), bare) == ("empty_body", 401)


def test_names_of_headers_may_be_spelt_in_any_way() -> None:
    told = event(BODY)
    shouted = {name.upper(): value for name, value in told["headers"].items()}
    assert take(Received(), event(BODY, headers=shouted)).signed_by == "current"


def test_a_secret_that_is_missing_is_our_failure() -> None:
    here = Received()
    here.manager.put({"notifications_secret": "another-secret"})
    with pytest.raises(MissingSetting):
        take(here, event(BODY))
    news = event(payload("notifications.json"), webhook="notifications", key="another-secret")
    assert take(here, news).signed_by == "current"


def test_a_bucket_that_fails_is_our_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise refusal("SlowDown", "PutObject")

    here = Received()
    monkeypatch.setattr(here.s3, "put_object", fail)
    with pytest.raises(ClientError):
        take(here, event(BODY))


def test_a_delivery_shows_neither_its_body_nor_its_headers() -> None:
    shown = repr(delivered(event(BODY)))
    assert json.loads(BODY)["items"][0]["contractId"] not in shown
    assert "sha256=2Xl" not in shown
