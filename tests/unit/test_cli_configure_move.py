"""`telematics configure move`: keys, what its webhooks sign with, and where they are to call."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from telematics import http
from telematics.observability import logger
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import OUTPUTS, WEBHOOKS, Secrets, deployed

__all__ = ["telematics"]

TIMELINE, NOTIFICATIONS = "a-secret-of-the-timeline", "a-secret-of-the-rest"
SECRET: Mapping[str, object] = {
    "product_id": 1000,
    "api_key": "move.api-key",
    "timeline_secret": TIMELINE,
    "notifications_secret": NOTIFICATIONS,
}
STORED = {**SECRET, "product_id": "1000"}
Configure = Callable[..., Ended]


@pytest.fixture
def configure(telematics: Program, tmp_path: Path) -> Configure:
    def run(secret: object, *options: str, secrets: Secrets) -> Ended:
        path = tmp_path / "secret.json"
        path.write_text(json.dumps(secret))
        stack = deployed(secrets=secrets)
        return telematics("configure", "move", "--file", str(path), *options, stack=stack)

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Takes one key; what it was asked is in the list."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        good = httpx.BasicAuth("1000", "move.api-key")
        signed = next(good.auth_flow(httpx.Request("GET", "http://x"))).headers["authorization"]
        is_known = request.headers["authorization"] == signed
        return httpx.Response(200 if is_known else 401, json=[])

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(http, "api", lambda: client)
    return asked


def test_keys_are_tried_then_stored_and_the_urls_to_paste_are_shown(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure(SECRET, secrets=secrets)
    assert ended.code == 0
    assert ended.err.startswith("waiting 5 s")
    assert json.loads(secrets.text) == STORED
    assert [request.url.path for request in server] == ["/timeline/v1_5"]
    assert "checked: Dolphin MOVE (v1_5) takes the keys" in ended.out
    for url in WEBHOOKS.values():
        assert url in ended.out
    for hidden in (TIMELINE, NOTIFICATIONS, "move.api-key"):
        assert hidden not in ended.out


def test_functions_log_as_before_once_the_keys_were_tried(
    configure: Configure, server: list[httpx.Request]
) -> None:
    before = logger.log_level
    assert configure(SECRET, secrets=Secrets("{}")).code == 0
    assert len(server) == 1
    assert logger.log_level == before < logging.CRITICAL


def test_the_answer_for_scripts_has_the_urls_by_webhook(
    configure: Configure, server: list[httpx.Request]
) -> None:
    ended = configure(SECRET, "--json", secrets=Secrets("{}"))
    told = json.loads(ended.out)
    assert len(server) == len(told.pop("checked")) == 1
    assert told == {"provider": "move", "fields": list(STORED), "webhooks": WEBHOOKS}


def test_keys_that_are_refused_are_not_stored(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, "api_key": "another-key"}, secrets=secrets)
    assert ended.code == 1
    assert "nothing was stored" in ended.err
    assert "another-key" not in ended.err
    assert secrets.puts == 0


@pytest.mark.parametrize(
    ("field", "value"), [("api_version", "v9"), ("batch_shape", "heap"), ("batch_size", 0)]
)
def test_a_choice_that_there_is_not_is_bad_input(
    configure: Configure, server: list[httpx.Request], field: str, value: object
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, field: value}, secrets=secrets)
    assert ended.code == 2
    assert field in ended.err
    assert secrets.puts == len(server) == 0


@pytest.mark.parametrize("field", ["timeline_secret", "notifications_secret"])
@pytest.mark.parametrize("value", ["", None, "   ", 1234567890123456, ["x"]])
def test_a_webhook_without_a_secret_is_refused_by_name(
    configure: Configure, field: str, value: object
) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, field: value}, "--no-check", secrets=secrets)
    assert ended.code == 2
    assert field in ended.err.partition(";")[0]
    assert secrets.puts == 0


def test_a_field_that_is_not_there_is_named(configure: Configure) -> None:
    secret = {name: value for name, value in SECRET.items() if name != "notifications_secret"}
    ended = configure(secret, "--no-check", secrets=Secrets("{}"))
    assert ended.code == 2
    assert "lacks notifications_secret;" in ended.err


def test_a_short_secret_is_stored_with_a_warning(configure: Configure) -> None:
    secrets, short = Secrets("{}"), "fifteen-letters"
    ended = configure({**SECRET, "timeline_secret": short}, "--no-check", secrets=secrets)
    assert ended.code == 0
    assert "timeline_secret has only 15 characters" in ended.err
    assert short not in ended.err
    assert json.loads(secrets.text)["timeline_secret"] == short
    sixteen = configure({**SECRET, "timeline_secret": f"{short}!"}, "--no-check", secrets=secrets)
    assert "characters" not in sixteen.err


def test_a_number_for_the_size_of_batches_is_kept_as_text(configure: Configure) -> None:
    secrets = Secrets("{}")
    assert configure({**SECRET, "batch_size": 50}, "--no-check", secrets=secrets).code == 0
    assert json.loads(secrets.text)["batch_size"] == "50"


def test_it_ends_a_rotation_that_is_under_way_and_says_so(configure: Configure) -> None:
    secrets = Secrets(json.dumps({**STORED, "timeline_secret_previous": "before"}))
    ended = configure(SECRET, "--no-check", secrets=secrets)
    assert ended.code == 0
    assert "move/timeline: a rotation was under way" in ended.err
    assert "move/notifications" not in ended.err
    assert json.loads(secrets.text) == STORED


@pytest.mark.parametrize("secrets", [Secrets(refusal="AccessDeniedException"), Secrets("nonsense")])
def test_what_is_stored_need_not_be_readable(configure: Configure, secrets: Secrets) -> None:
    assert configure(SECRET, "--no-check", secrets=secrets).code == 0
    assert json.loads(secrets.text) == STORED


def test_a_stack_without_a_webhook_s_url_shows_none(telematics: Program, tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text(json.dumps(SECRET))
    stack = deployed(secrets=Secrets("{}"))
    without = {name: one for name, one in OUTPUTS.items() if not name.startswith("WebhookUrl")}
    vars(stack).update(outputs=without)
    arguments = ("configure", "move", "--file", str(path), "--no-check", "--json")
    assert json.loads(telematics(*arguments, stack=stack).out)["webhooks"] == {}
