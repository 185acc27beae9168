"""The dashcam's webhook: a token in its address, or a signature that the secret describes."""

import base64
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import receive_webhook
from telematics import webhooks
from telematics.errors import MissingSetting
from telematics.observability import logger, metrics
from telematics.providers.dashcam.webhooks import MESSAGES, SIGNATURE, SIGNED_MESSAGES, SUCCESS
from telematics.schemes import Signature
from telematics.signing_secrets import SECRET_LIFETIME_SECONDS
from telematics.webhooks import Address, HttpEvent, HttpResponse, Refused, Taken
from tests.unit.dashcam_provider import DASHCAM
from tests.unit.signed_deliveries import Clock, FakeSecretsManager, Received
from tests.unit.test_receive_webhook import Context
from tests.unit.test_webhooks import NOW

PAYLOADS = Path(__file__).parent.parent / "payloads" / "dashcam"
BODY = (PAYLOADS / "message_event_triggered.json").read_bytes()
TOKEN = "a-token-of-ours_Zz09"  # noqa: S105  # nobody else's
KEY = "a-key-of-theirs"
DESCRIBED = {"webhook_signing_secret": KEY, "webhook_header": "X-Visionmax-Signature"}
LARGEST = MESSAGES.largest_bytes


def received(fields: Mapping[str, object]) -> Received:
    return Received(manager=FakeSecretsManager(json.dumps(fields)), provider=DASHCAM)


@pytest.fixture
def here() -> Received:
    return received({"webhook_secret": TOKEN})


def tokened(
    token: str = TOKEN,
    sent: bytes = BODY,
    /,
    **changes: Any,  # Any: whatever an event may hold
) -> HttpEvent:
    told = {
        "routeKey": "POST /webhooks/dashcam/{token}",
        "rawPath": f"/webhooks/dashcam/{token}",
        "pathParameters": {"token": token},
        "headers": {"content-type": "application/json"},
        "requestContext": {"requestId": "request-1"},
        "body": base64.b64encode(sent).decode(),
        "isBase64Encoded": True,
    }
    return cast(HttpEvent, told | changes)


def plain(body: bytes = BODY, **headers: str) -> HttpEvent:
    place = {"routeKey": "POST /webhooks/dashcam", "rawPath": "/webhooks/dashcam"}
    spelt = {name.replace("_", "-"): value for name, value in headers.items()}
    return tokened(TOKEN, body, pathParameters={}, headers=spelt, **place)


def take(here: Received, told: HttpEvent) -> Taken:
    return here.receiver.take(told, now=NOW)


def refused(here: Received, told: HttpEvent) -> tuple[str, int]:
    with pytest.raises(Refused) as raised:
        take(here, told)
    assert here.s3.objects == {}
    return raised.value.reason, raised.value.status


def called(here: Received, told: HttpEvent, monkeypatch: pytest.MonkeyPatch) -> HttpResponse:
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Telematics")
    monkeypatch.setattr(webhooks, "deployed", lambda: here.receiver)
    monkeypatch.setattr(logger.registered_handler, "stream", sys.stdout)
    return cast(HttpResponse, receive_webhook.handler(told, Context()))


def test_what_comes_with_the_token_is_stored_under_the_digest_of_its_bytes(here: Received) -> None:
    taken = take(here, tokened())
    digest = hashlib.sha256(BODY).hexdigest()
    assert str(taken.key).startswith("dashcam/messages/day=")
    assert str(taken.key).endswith(f"/{digest}.json")
    assert here.s3.objects == {str(taken.key): BODY}
    assert (taken.signed_by, taken.is_new, taken.unexpected) == ("current", True, "")
    assert not take(here, tokened()).is_new


def test_what_nobody_can_read_is_kept_all_the_same(here: Received) -> None:
    body = (PAYLOADS / "message_that_is_no_json.json").read_bytes()
    taken = take(here, tokened(TOKEN, body))
    assert taken.unexpected
    assert [*here.s3.objects.values()] == [body]


def test_the_answer_is_what_they_take_for_success(
    here: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = called(here, tokened(), monkeypatch)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"status": "success"}
    assert answer["headers"] == {"content-type": "application/json"}


@pytest.mark.parametrize(
    "place",
    [
        {"pathParameters": None},
        {"routeKey": "$default", "pathParameters": None},
        {"routeKey": "POST /webhooks/{proxy+}", "pathParameters": {"proxy": f"dashcam/{TOKEN}"}},
        {"routeKey": "$default", "rawPath": f"/dev/webhooks/dashcam/{TOKEN}"},
    ],
)
def test_the_token_is_found_wherever_the_gateway_puts_it(
    here: Received, place: dict[str, Any]
) -> None:
    assert take(here, tokened(**place)).webhook is MESSAGES


WRONG = (
    *("", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), f"{TOKEN}/", f"{TOKEN}/more"),
    *("{token}", "messages", "%00", "é", "\ud800", f" {TOKEN}", f"{TOKEN}\n"),
)


@pytest.mark.parametrize("token", WRONG)
@pytest.mark.parametrize("is_routed", [True, False])
def test_a_wrong_token_is_not_found(here: Received, token: str, is_routed: bool) -> None:
    told = tokened(token)
    if not is_routed:
        told = tokened(token, routeKey="$default", pathParameters=None)
    assert refused(here, told)[1] == 404


@given(token=st.text())
def test_no_other_token_is_ever_taken(token: str) -> None:
    told = tokened(token)
    here = received({"webhook_secret": TOKEN})
    if token == TOKEN:
        assert take(here, told).is_new
    else:
        assert refused(here, told)[1] == 404


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"body": ""},
        {"body": None},
        {"body": "not base 64"},
        {"body": "x" * (LARGEST * 2), "isBase64Encoded": False},
        {"headers": None},
    ],
)
def test_all_that_is_not_found_is_answered_alike(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns whether there is a token, or how near they came; not by their bodies either."""
    nowhere = {"routeKey": "$default", "rawPath": "/webhooks/dashcam/one/more"}
    configured = received({"webhook_secret": TOKEN})
    unconfigured = received({})
    never_stored = Received(manager=FakeSecretsManager(None), provider=DASHCAM)
    answers = [
        called(configured, tokened("wrong", **changes), monkeypatch),
        called(configured, tokened("", **changes), monkeypatch),
        called(unconfigured, tokened(TOKEN, **changes), monkeypatch),
        called(unconfigured, tokened("", **changes), monkeypatch),
        called(never_stored, tokened(TOKEN, **changes), monkeypatch),
        called(configured, tokened(**changes | nowhere), monkeypatch),
        called(configured, cast(HttpEvent, {**plain(), **changes}), monkeypatch),
    ]
    assert answers == [{"statusCode": 404}] * len(answers)


def test_with_the_token_a_body_is_judged_as_anywhere(here: Received) -> None:
    assert refused(here, tokened(TOKEN, b"")) == ("empty_body", 400)
    huge = "x" * (LARGEST + 1)
    assert refused(here, tokened(body=huge, isBase64Encoded=False))[1] == 413


@pytest.mark.fault("rotated", of=("dashcam",))
def test_the_token_before_is_taken_while_one_rotates() -> None:
    here = received({"webhook_secret": "new-token", "webhook_secret_previous": TOKEN})
    assert take(here, tokened()).signed_by == "previous"
    assert take(here, tokened("new-token")).signed_by == "current"
    here.manager.put({"webhook_secret": "new-token"})
    here.clock.now += SECRET_LIFETIME_SECONDS
    with pytest.raises(Refused, match="unknown_token"):
        take(here, tokened())


@pytest.mark.parametrize("value", ["", "  ", None, 12])
def test_a_token_that_is_none_opens_nothing(value: object) -> None:
    here = received({"webhook_secret": value, "webhook_secret_previous": TOKEN})
    for token in ("", str(value), TOKEN):
        assert refused(here, tokened(token)) == ("no_token_configured", 404)


def test_the_secrets_are_read_once_for_many_guesses(here: Received) -> None:
    for guess in range(20):
        refused(here, tokened(f"guess-{guess}"))
    assert here.manager.reads == 1


@pytest.mark.parametrize("token", [TOKEN, "a-guess-that-is-wrong"])
def test_the_token_never_reaches_a_log(
    here: Received,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    for told in (tokened(token), tokened(token, routeKey="$default"), tokened(token, b"")):
        called(here, told, monkeypatch)
    said = "".join(capsys.readouterr())
    assert "WebhookCalls" in said
    assert token not in said
    assert "/webhooks/" not in said


def test_neither_an_address_nor_a_refusal_shows_the_token(here: Received) -> None:
    assert TOKEN not in repr(Address.of(tokened(), DASHCAM))
    assert TOKEN not in repr(take(here, tokened()))
    with pytest.raises(Refused) as refusal:
        take(here, tokened("wrong-token"))
    error: BaseException | None = refusal.value
    while error is not None:
        assert "wrong-token" not in str(error)
        assert TOKEN not in str(error)
        error = error.__cause__


def described(**changes: str) -> tuple[Received, Signature]:
    fields = {**DESCRIBED, **changes}
    scheme = SIGNATURE.scheme(fields)
    assert scheme is not None
    return received(fields), scheme


KINDS: list[dict[str, str]] = [
    {},
    {"webhook_encoding": "hex"},
    {"webhook_digest": "sha512", "webhook_prefix": "hmac="},
    {"webhook_digest": "SHA1", "webhook_encoding": "HEX", "webhook_prefix": "v0:"},
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_as_the_secret_describes_is_stored_beside_the_rest(
    kind: dict[str, str],
) -> None:
    here, scheme = described(**kind)
    taken = take(here, plain(x_visionmax_signature=scheme.sign(BODY, KEY)))
    assert taken.webhook is SIGNED_MESSAGES
    assert str(taken.key).startswith("dashcam/messages/day=")
    assert taken.webhook.answer == SUCCESS


def test_an_undescribed_kind_is_sha256_in_base64() -> None:
    _, scheme = described()
    assert scheme == Signature("x-visionmax-signature", "", "sha256", "base64")


@pytest.mark.parametrize("given", ["", "AAAA", "é", "\ud800"])
def test_what_is_not_signed_so_is_refused(given: str) -> None:
    here, scheme = described()
    assert refused(here, plain(x_visionmax_signature=given))[1] == 401
    assert refused(here, plain())[1] == 401
    signed = scheme.sign(BODY, KEY)
    assert refused(here, plain(BODY + b" ", x_visionmax_signature=signed)) == ("bad_signature", 401)
    assert refused(here, plain(b"", x_visionmax_signature=scheme.sign(b"", KEY)))[1] == 401


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"webhook_secret": TOKEN},
        {"webhook_header": "x-visionmax-signature"},
        {"webhook_signing_secret": KEY},
        {"webhook_secret": TOKEN, "webhook_signing_secret": KEY, "webhook_header": " "},
    ],
)
def test_until_a_signature_is_described_there_is_no_address_without_a_token(
    fields: dict[str, str],
) -> None:
    _, scheme = described()
    signed = plain(x_visionmax_signature=scheme.sign(BODY, KEY))
    assert refused(received(fields), signed) == ("no_signature_configured", 404)
    assert refused(received(fields), plain())[1] == 404


def test_a_signature_opens_no_address_with_a_token_and_a_token_signs_nothing() -> None:
    here, scheme = described()
    headers = {"x-visionmax-signature": scheme.sign(BODY, KEY)}
    assert refused(here, tokened(KEY, headers=headers))[1] == 404
    here.manager.put({**DESCRIBED, "webhook_secret": TOKEN})
    here.clock.now += SECRET_LIFETIME_SECONDS
    assert refused(here, plain(x_visionmax_signature=TOKEN))[1] == 401


def test_both_keys_count_while_one_rotates() -> None:
    here, scheme = described(**{SIGNED_MESSAGES.previous_secret: "before"})
    old = plain(x_visionmax_signature=scheme.sign(BODY, "before"))
    assert take(here, old).signed_by == "previous"


@pytest.mark.parametrize(
    "kind",
    [
        {"webhook_digest": "md5"},
        {"webhook_digest": "none"},
        {"webhook_encoding": "base32"},
        {"webhook_header": "two words"},
        {"webhook_header": "naïve"},
    ],
)
def test_a_description_that_makes_no_sense_is_our_failure(kind: dict[str, str]) -> None:
    here = received({**DESCRIBED, **kind, "webhook_secret": TOKEN})
    with pytest.raises(MissingSetting, match="telematics configure dashcam") as missing:
        take(here, plain())
    assert next(iter(kind)) in str(missing.value)
    assert KEY not in str(missing.value)
    assert take(here, tokened()).is_new


def test_a_secret_that_is_no_json_is_our_failure_and_not_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text in ("{", "[]"):
        here = Received(manager=FakeSecretsManager(text), clock=Clock(), provider=DASHCAM)
        assert called(here, tokened(), monkeypatch) == {"statusCode": 503}


def test_their_addresses_have_no_name_and_their_messages_one_dataset() -> None:
    routes = [one.route("dashcam") for one in DASHCAM.webhooks]
    assert routes == ["/webhooks/dashcam/{token}", "/webhooks/dashcam"]
    assert [one.has_token for one in DASHCAM.webhooks] == [True, False]
    assert {one.dataset for one in DASHCAM.webhooks} == {"messages"}
    assert len({one.name for one in DASHCAM.webhooks}) == 2
