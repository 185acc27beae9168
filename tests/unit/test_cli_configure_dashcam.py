"""`telematics configure dashcam`: an account, settings as objects, and an address with a token."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from telematics import http
from telematics.schemes import PathToken
from telematics.secrets import Secrets as Reader
from tests.unit import dashcam_provider
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import WITH_DASHCAMS, Secrets, deployed
from tests.unit.dashcam_provider import DASHCAM

__all__ = ["telematics"]

API_KEY, PASSWORD = "visionmax.api-key", "a password of wörds"
SECRET: dict[str, Any] = {
    "api_key": API_KEY,
    "email": "lake@insurer.example",
    "password": PASSWORD,
}
TOKEN = "a-token-of-our-own"  # noqa: S105  # nobody's
CALLED = "http://127.0.0.1:1/_aws/execute-api/hook1/$default/webhooks/dashcam"
SIGNED = {"webhook_signing_secret": "a key that signs", "webhook_header": "X-Signature"}
PATHS = {"events": "/V3/events", "discard": "PUT /V3/event/{uuid}/discard"}
Configure = Callable[..., Ended]


@pytest.fixture
def configure(telematics: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    dashcam_provider.known(monkeypatch)

    def run(secret: object, *options: str, secrets: Secrets | None = None) -> Ended:
        path = tmp_path / "secret.json"
        path.write_text(json.dumps(secret))
        stack = deployed(secrets=secrets or Secrets("{}"), outputs=WITH_DASHCAMS)
        return telematics("configure", "dashcam", "--file", str(path), *options, stack=stack)

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Takes one account; what it was asked is in the list."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/V2/auth/token":
            return envelope({"data": {"access_token": "fleet-t"}})
        if request.url.path == "/V2/auth":
            sent = json.loads(request.content)
            is_known = (request.headers["x-api-key"], sent["password"]) == (API_KEY, PASSWORD)
            told = {"data": {"access_token": "t"}} if is_known else {}
            return envelope(told, code="S00000" if is_known else "E10001", result=is_known)
        return envelope({"count": 1, "data": [{"uuid": "e-1", "timestamp": 1_709_622_750}]})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(http, "api", lambda: client)
    return asked


def envelope(told: Any, *, code: str = "S00000", result: bool = True) -> httpx.Response:
    return httpx.Response(200, json={"uq": "1", "result": result, "code": code, **told})


def test_the_account_is_tried_and_stored_and_the_address_to_paste_is_shown(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, "webhook_secret": TOKEN}, secrets=secrets)
    assert ended.code == 0
    assert [one.url.path for one in server] == ["/V2/auth", "/V2/events"]
    assert json.loads(secrets.text) == {**SECRET, "webhook_secret": TOKEN}
    assert "checked: MiTAC VisionMax takes the key and the account" in ended.out
    assert "checked: 1 events are listed" in ended.out
    assert f"{CALLED}/{TOKEN}" in ended.out
    assert "{token}" not in ended.out
    assert TOKEN not in ended.err
    for hidden in (API_KEY, PASSWORD, SECRET["email"]):
        assert hidden not in ended.out + ended.err


def test_an_account_that_is_refused_is_not_stored(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, "password": "another one"}, secrets=secrets)
    assert ended.code == 1
    assert "nothing was stored" in ended.err
    assert "another one" not in ended.err
    assert len(server) == 1
    assert secrets.puts == 0


def test_without_a_token_one_is_made_that_nobody_guesses(configure: Configure) -> None:
    secrets = Secrets("{}")
    ended = configure(SECRET, "--no-check", "--json", secrets=secrets)
    token = json.loads(secrets.text)["webhook_secret"]
    assert len(token) >= 43
    assert PathToken.is_usable(token)
    told = json.loads(ended.out)
    assert told["webhooks"] == {"dashcam/messages": f"{CALLED}/{token}"}
    assert told["fields"] == [*SECRET, "webhook_secret"]
    assert "webhook_secret is a new one" in ended.err
    assert token not in ended.err


def test_an_address_that_was_pasted_stays_good_when_other_fields_change(
    configure: Configure,
) -> None:
    secrets = Secrets(json.dumps({**SECRET, "webhook_secret": TOKEN}))
    ended = configure({**SECRET, "password": "the next"}, "--no-check", secrets=secrets)
    assert ended.code == 0
    assert json.loads(secrets.text) == {**SECRET, "password": "the next", "webhook_secret": TOKEN}
    assert f"{CALLED}/{TOKEN}" in ended.out
    assert "webhook_secret stays as it is" in ended.err


@pytest.mark.parametrize("secrets", [Secrets(refusal="AccessDeniedException"), Secrets("nonsense")])
def test_what_is_stored_need_not_be_readable(configure: Configure, secrets: Secrets) -> None:
    assert configure(SECRET, "--no-check", secrets=secrets).code == 0
    assert len(json.loads(secrets.text)["webhook_secret"]) >= 43


@pytest.mark.parametrize("as_text", [True, False])
def test_objects_are_kept_as_text_that_the_client_reads(
    configure: Configure, server: list[httpx.Request], as_text: bool
) -> None:
    secrets = Secrets("{}")
    settings = {
        "paths": PATHS,
        "headers": {"token_prefix": "Token "},
        "parameters": {"time_lapse": "lapse"},
        "codes": {"busy": "B00001"},
    }
    given = {name: json.dumps(one) if as_text else one for name, one in settings.items()}
    assert configure({**SECRET, **given, "fleet_id": 12}, "--json", secrets=secrets).code == 0
    kept = json.loads(secrets.text)
    assert {name: json.loads(kept[name]) for name in settings} == settings
    assert kept["fleet_id"] == "12"
    assert server[-1].url.path == "/V3/events"
    assert server[-1].headers["authorization"].startswith("Token ")
    fields = Reader(secrets).read("arn", DASHCAM)  # type: ignore[arg-type]  # a part of it
    assert json.loads(fields["paths"].get_secret_value()) == PATHS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paths": "/V3"}, "blanks or signs"),
        ({"paths": "[]"}, "blanks or signs"),
        ({"paths": ["/V3"]}, "no text (paths)"),
        ({"headers": 5}, "no text (headers)"),
        ({"email": {"of": "somebody"}}, "no text (email)"),
        ({"email": "two words"}, "blanks or signs"),
        ({"webhook_secret": "two words"}, "blanks or signs"),
        ({"webhook_secret": "a/slash"}, "blanks or signs"),
        ({"webhook_secret": ".."}, "blanks or signs"),
        ({"webhook_secret": "naïve"}, "blanks or signs"),
        ({"webhook_secret": "{token}"}, "blanks or signs"),
        ({"webhook_header": "x-signature"}, "has webhook_header but lacks webhook_signing_secret"),
        ({"webhook_signing_secret": "key"}, "lacks webhook_header"),
        ({"webhook_digest": "sha256"}, "lacks webhook_signing_secret, webhook_header"),
        ({**SIGNED, "webhook_digest": "md5"}, "webhook_digest is none of sha1, sha256"),
        ({**SIGNED, "webhook_encoding": "rot13"}, "webhook_encoding is none of base64, hex"),
        ({**SIGNED, "webhook_header": "x:y"}, "webhook_header is not the name of a header"),
        ({"password": ""}, "lacks password"),
        ({"token": "x"}, "unknown fields (token)"),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    configure: Configure, changes: dict[str, Any], message: str
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, **changes}, "--no-check", secrets=secrets)
    assert ended.code == 2
    assert message in ended.err
    assert PASSWORD not in ended.err
    assert secrets.puts == 0


def test_a_path_that_the_client_does_not_know_is_bad_input(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, "paths": {"nothing": "/V3"}}, secrets=secrets)
    assert ended.code == 2
    assert "paths has a name that is none of" in ended.err
    assert secrets.puts == len(server) == 0


def test_once_a_signature_is_described_its_address_is_shown_too(configure: Configure) -> None:
    secrets = Secrets("{}")
    changes = {**SECRET, **SIGNED, "webhook_secret": TOKEN}
    told = json.loads(configure(changes, "--no-check", "--json", secrets=secrets).out)
    assert told["webhooks"] == {
        "dashcam/messages": f"{CALLED}/{TOKEN}",
        "dashcam/signed_messages": CALLED,
    }
    shown = configure(changes, "--no-check", secrets=secrets).out
    assert "(it holds webhook_secret)" in shown
    assert "(signed with webhook_signing_secret)" in shown
    assert SIGNED["webhook_signing_secret"] not in shown


def test_a_short_token_is_stored_with_a_warning(configure: Configure) -> None:
    ended = configure({**SECRET, "webhook_secret": "short"}, "--no-check")
    assert ended.code == 0
    assert "webhook_secret has only 5 characters" in ended.err


def test_it_ends_a_rotation_of_the_token_and_says_so(configure: Configure) -> None:
    secrets = Secrets(
        json.dumps({**SECRET, "webhook_secret": TOKEN, "webhook_secret_previous": "before"})
    )
    ended = configure(SECRET, "--no-check", secrets=secrets)
    assert "dashcam/messages: a rotation was under way" in ended.err
    assert json.loads(secrets.text) == {**SECRET, "webhook_secret": TOKEN}


def test_while_it_is_not_in_the_catalog_it_is_said_in_one_line(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashcam_provider.unknown(monkeypatch)
    ended = configure(SECRET)
    assert ended.code == 2
    assert "there is no provider 'dashcam'" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.fixture
def stored() -> Secrets:
    return Secrets(json.dumps({**SECRET, "webhook_secret": TOKEN}))


Webhook = Callable[..., Ended]


@pytest.fixture
def webhook(telematics: Program, stored: Secrets, monkeypatch: pytest.MonkeyPatch) -> Webhook:
    dashcam_provider.known(monkeypatch)

    def run(*arguments: str) -> Ended:
        stack = deployed(secrets=stored, outputs=WITH_DASHCAMS)
        return telematics("webhook", *arguments, stack=stack)

    return run


def test_a_rotation_gives_the_address_a_new_token_beside_the_one_before(
    webhook: Webhook, stored: Secrets
) -> None:
    ended = webhook("rotate", "dashcam", "--json")
    assert ended.code == 0
    kept = json.loads(stored.text)
    [told] = json.loads(ended.out)["rotated"]
    assert kept == {**SECRET, "webhook_secret": told["secret"], "webhook_secret_previous": TOKEN}
    assert told["url"] == f"{CALLED}/{told['secret']}"
    assert webhook("rotate", "dashcam", "--retire").code == 0
    assert "webhook_secret_previous" not in json.loads(stored.text)


def test_a_new_token_of_ones_own_is_held_against_what_a_path_can_hold(
    webhook: Webhook, stored: Secrets, tmp_path: Path
) -> None:
    path = tmp_path / "new.txt"
    own = ("rotate", "dashcam", "--webhook", "messages", "--file", str(path))
    path.write_text("two words\n")
    ended = webhook(*own)
    assert ended.code == 2
    assert "part of a URL" in ended.err
    own_token = "another-token-of-our-own"  # noqa: S105  # nobody's
    path.write_text(f"{own_token}\n")
    ended = webhook(*own)
    assert ended.code == 0
    assert own_token not in ended.out + ended.err
    assert json.loads(stored.text)["webhook_secret"] == own_token


def test_what_was_never_configured_has_nothing_to_rotate(webhook: Webhook, stored: Secrets) -> None:
    stored.text = json.dumps(SECRET)
    before = stored.text
    for arguments in (("dashcam",), ("dashcam", "--webhook", "signed_messages")):
        ended = webhook("rotate", *arguments)
        assert ended.code == 1
        assert "telematics configure dashcam" in ended.err
    assert stored.text == before


def test_the_list_shows_a_token_only_when_it_is_asked_for(webhook: Webhook) -> None:
    plain = webhook("list")
    assert TOKEN not in plain.out
    assert f"{CALLED}/{{token}}" in plain.out
    assert "telematics webhook list --tokens" in plain.err
    told = {
        one["name"]: one["url"] for one in json.loads(webhook("list", "--tokens", "--json").out)
    }
    assert told["dashcam/messages"] == f"{CALLED}/{TOKEN}"
    assert told["dashcam/signed_messages"] == CALLED
    assert len(told) == 4
