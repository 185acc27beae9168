"""`telematics configure zendrive`: one key, which also signs, and is tried with a read."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from telematics import http
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import OUTPUTS, Secrets, deployed

__all__ = ["telematics"]

KEY = "a-key-that-zendrive-gave-us"
SECRET: Mapping[str, object] = {"api_key": KEY}
Configure = Callable[..., Ended]


@pytest.fixture
def configure(telematics: Program, tmp_path: Path) -> Configure:
    def run(secret: object, *options: str, secrets: Secrets) -> Ended:
        path = tmp_path / "secret.json"
        path.write_text(json.dumps(secret))
        outputs = {**OUTPUTS, "ZendriveSecret": "arn:secret/zendrive"}
        stack = deployed(secrets=secrets, outputs=outputs)
        return telematics("configure", "zendrive", "--file", str(path), *options, stack=stack)

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Takes one key, and knows no trip; what it was asked is in the list."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        is_known = request.headers["authorization"] == f"APIKEY {KEY}"
        return httpx.Response(404 if is_known else 401, json={"error": "not valid"})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(http, "api", lambda: client)
    return asked


def test_a_key_is_tried_by_reading_and_then_stored(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure(SECRET, secrets=secrets)
    assert ended.code == 0, ended.err
    assert json.loads(secrets.text) == SECRET
    assert [(one.method, one.url.host) for one in server] == [("GET", "api.zendrive.com")]
    assert "answered 404" in ended.out
    assert "takes the key" in ended.out
    assert KEY not in ended.out + ended.err


def test_a_key_that_is_not_taken_is_not_stored(
    configure: Configure, server: list[httpx.Request]
) -> None:
    secrets = Secrets("{}")
    ended = configure({"api_key": "another-one"}, secrets=secrets)
    assert ended.code == 1
    assert "is api_key right" in ended.err
    assert len(server) == 1
    assert secrets.text == "{}"


@pytest.mark.parametrize("secret", [{}, {"api_key": ""}, {"base_url": "https://x"}])
def test_without_a_key_there_is_nothing_to_try(
    configure: Configure, server: list[httpx.Request], secret: object
) -> None:
    ended = configure(secret, secrets=Secrets("{}"))
    assert ended.code == 2
    assert "api_key" in ended.err
    assert server == []
