"""Zendrive's notifications: signed or shown the key, stored as they are, whatever they tell."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pytest

from telematics.catalog import PROVIDERS
from telematics.errors import MissingSetting
from telematics.providers.zendrive.webhooks import NOTIFICATIONS, SIGNATURE
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS
from telematics.webhooks import HttpEvent, Refused
from tests.unit.signed_deliveries import FakeSecretsManager, Received
from tests.unit.test_webhooks import NOW
from tests.unit.zendrive_answers import payload

KEY = "a-key-of-theirs"
OLD = "their-key-before"
BODY = payload("zendrive_trip_scored")


def received(**fields: object) -> Received:
    manager = FakeSecretsManager(json.dumps({"api_key": KEY, **fields}))
    return Received(manager=manager, provider=PROVIDERS["zendrive"])


def called(authorization: str | None, body: bytes = BODY) -> HttpEvent:
    headers = {} if authorization is None else {"Authorization": authorization}
    told = {
        "routeKey": "POST /webhooks/zendrive/notifications",
        "rawPath": "/webhooks/zendrive/notifications",
        "headers": headers,
        "requestContext": {"requestId": "request-1"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    return cast(HttpEvent, told)


def signed(key: str = KEY, body: bytes = BODY) -> HttpEvent:
    return called(SIGNATURE.sign(body, key), body)


def shown(key: str = KEY, body: bytes = BODY) -> HttpEvent:
    return called(f"APIKEY {key}", body)


def refused(here: Received, told: HttpEvent) -> tuple[str, int]:
    with pytest.raises(Refused) as raised:
        here.receiver.take(told, now=NOW)
    assert here.s3.objects == {}
    return raised.value.reason, raised.value.status


@pytest.mark.parametrize("told", [signed(), shown()])
def test_a_notification_is_stored_under_its_digest_and_the_day_of_its_trip(told: HttpEvent) -> None:
    here = received()
    taken = here.receiver.take(told, now=NOW)
    digest = hashlib.sha256(BODY).hexdigest()
    assert here.s3.objects == {f"zendrive/notifications/day=2023-11-25/{digest}.json": BODY}
    assert (taken.signed_by, taken.is_new, taken.unexpected) == ("current", True, "")
    assert not here.receiver.take(told, now=NOW).is_new


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("zendrive_collision", date(2023, 11, 25)),
        ("zendrive_collision_without_details", date(2023, 11, 25)),
        ("zendrive_of_a_new_type", NOW.date()),
    ],
)
def test_a_notification_of_any_type_is_taken(name: str, day: date) -> None:
    body = payload(name)
    taken = received().receiver.take(signed(body=body), now=NOW)
    assert (taken.key.day, taken.unexpected) == (day, "")


@pytest.mark.parametrize("body", [b"no json", b"[]", b"5", b'{"type":"\xff"'])
def test_what_is_signed_but_makes_no_sense_is_taken_too(body: bytes) -> None:
    taken = received().receiver.take(signed(body=body), now=NOW)
    assert (taken.key.day, taken.unexpected) == (NOW.date(), "not a JSON object")


@pytest.mark.parametrize(
    ("chosen", "told", "reason"),
    [
        ("signature", shown(), "bad_signature"),
        ("api_key", signed(), "bad_signature"),
        *((one, called(None), "no_signature") for one in ("signature", "api_key", "both")),
        *((one, called(""), "no_signature") for one in ("signature", "api_key", "both")),
        *((one, signed("other"), "bad_signature") for one in ("signature", "both")),
        *((one, shown("other"), "bad_signature") for one in ("api_key", "both")),
        *((one, shown(""), "bad_signature") for one in ("api_key", "both")),
        ("both", called("Bearer a-key-of-theirs"), "bad_signature"),
        ("both", called(SIGNATURE.sign(BODY, KEY), BODY + b" "), "bad_signature"),
        ("both", signed(body=b""), "empty_body"),
        ("both", shown(body=b""), "empty_body"),
    ],
)
def test_what_shows_nothing_or_not_what_was_chosen_is_refused(
    chosen: str, told: HttpEvent, reason: str
) -> None:
    assert refused(received(notifications_auth=chosen), told) == (reason, 401)


@pytest.mark.parametrize(
    ("chosen", "told"), [("signature", signed()), ("api_key", shown()), ("both", shown())]
)
def test_what_was_chosen_is_taken(chosen: str, told: HttpEvent) -> None:
    here = received(notifications_auth=chosen)
    assert here.receiver.take(told, now=NOW).is_new


@pytest.mark.fault("rotated", of=("zendrive",))
def test_both_keys_count_while_one_is_replaced() -> None:
    here = received(api_key_previous=OLD)
    assert here.receiver.take(signed(OLD), now=NOW).signed_by == "previous"
    assert here.receiver.take(shown(OLD), now=NOW).signed_by == "previous"
    assert here.receiver.take(signed(), now=NOW).signed_by == "current"
    here.manager.put({"api_key": KEY})
    here.clock.now += SECRET_LIFETIME_SECONDS
    with pytest.raises(Refused, match="bad_signature"):
        here.receiver.take(shown(OLD), now=NOW)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"api_key": ""}, "the field api_key"),
        ({"notifications_auth": "none"}, "notifications_auth is none of signature, api_key, both"),
    ],
)
def test_without_a_key_or_a_way_to_show_it_we_are_not_configured(
    fields: Mapping[str, Any], reason: str
) -> None:
    here = received(**fields)
    for told in (signed(), shown(), shown("")):
        with pytest.raises(MissingSetting, match=reason):
            here.receiver.take(told, now=NOW)
    assert here.s3.objects == {}


@pytest.mark.parametrize("size", [256 * 1024, 4_900_000])
def test_a_large_notification_is_taken(size: int) -> None:
    body = json.dumps({"type": "TRIP_SCORED", "data": "x" * size}).encode()
    assert received().receiver.take(signed(body=body), now=NOW).size == len(body)


def test_a_body_beyond_what_a_function_can_be_given_is_refused() -> None:
    body = b" " * (NOTIFICATIONS.largest_bytes + 1)
    assert refused(received(), signed(body=body)) == ("too_large", 413)


def test_what_receives_them_reads_nothing_with_arrow() -> None:
    """Its function has no layer with it, and its sender waits."""
    code = (
        "import sys; import telematics.providers.zendrive.deliveries;"
        " sys.exit('pyarrow' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert _exit_code(code) == 0


def _exit_code(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], check=False).returncode  # noqa: S603
