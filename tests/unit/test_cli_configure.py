"""`telematics configure`: keys are tried, then stored, and never shown."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from telematics import http
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import Secrets, deployed

__all__ = ["telematics"]

READ, URL = "id.read-secret", "id.url-secret"
SECRET = {"read_key": READ, "url_key": URL}
LINK = "https://files.example/badges.csv.gz?signature=abc"
Answer = Callable[[httpx.Request], httpx.Response]


def offload(link: str | None = None) -> Mapping[str, object]:
    made = {"expires_at": "2099-01-01T00:00:00Z", "url": link} if link else None
    file = {"name": "badges", "format": "csv.gz", "size": 3, "link": made}
    return {"day": "2023-06-04", "type": "OFFLOAD_TYPE_BADGES", "files": [file]}


def sentiance(request: httpx.Request) -> httpx.Response:
    """Lists one file of any day it is asked about, makes its link and answers it."""
    if request.url.host == "files.example":
        return httpx.Response(200, content=b"abc")
    query = json.loads(request.content)["query"]
    if "mutation" in query:
        assert request.headers["authorization"] == f"Bearer {URL}"
        made = {"generate_offload_url": {"offload": {**offload(LINK), "day": _day(query)}}}
        return httpx.Response(200, json={"data": made})
    assert request.headers["authorization"] == f"Bearer {READ}"
    return httpx.Response(200, json={"data": {"offloads": [{**offload(), "day": _day(query)}]}})


def _day(query: str) -> str:
    return query.partition('"')[2].partition('"')[0]


def refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(401, json={"message": f"bad key {READ}"})


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    def use(answer: Answer) -> None:
        client = httpx.Client(transport=httpx.MockTransport(answer))
        monkeypatch.setattr(http, "api", lambda: client)
        monkeypatch.setattr(http, "downloads", lambda: client)

    return use


@pytest.fixture
def configure(telematics: Program, tmp_path: Path) -> Callable[..., Ended]:
    def run(secret: object, *options: str, secrets: Secrets | None = None) -> Ended:
        path = tmp_path / "secret.json"
        path.write_text(secret if isinstance(secret, str) else json.dumps(secret))
        stack = deployed(secrets=secrets)
        return telematics("configure", "sentiance", "--file", str(path), *options, stack=stack)

    return run


def test_keys_that_work_are_stored_and_what_was_tried_is_said(
    configure: Callable[..., Ended], answer: Callable[[Answer], None]
) -> None:
    answer(sentiance)
    secrets = Secrets("{}")
    ended = configure(SECRET, secrets=secrets)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(secrets.text) == SECRET
    assert "1 files listed" in ended.out
    assert "a link was made" in ended.out
    assert READ not in ended.out
    assert LINK not in ended.out


def test_keys_that_are_refused_are_not_stored_and_not_shown(
    configure: Callable[..., Ended], answer: Callable[[Answer], None]
) -> None:
    answer(refuse)
    secrets = Secrets("{}")
    ended = configure(SECRET, secrets=secrets)
    assert ended.code == 1
    assert "nothing was stored" in ended.err
    assert "read_key" in ended.err
    assert READ not in ended.err
    assert secrets.text == "{}"


def test_unchecked_keys_are_stored_as_they_are(configure: Callable[..., Ended]) -> None:
    secrets = Secrets("{}")
    ended = configure({**SECRET, "base_url": "https://here"}, "--no-check", secrets=secrets)
    assert ended.code == 0
    assert json.loads(secrets.text)["base_url"] == "https://here"


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ('{"read_key": "id.read-secret"', "is not JSON (line 1, column"),
        ('["id.read-secret"]', "is not a JSON object"),
        ({"read_key": READ}, "lacks url_key"),
        ({"read_key": READ, "url_key": ""}, "lacks url_key"),
        ({**SECRET, "api_key": "id.read-secret"}, "unknown fields (api_key)"),
        ({**SECRET, "base_url": 5}, "no text (base_url)"),
        ({"read_key": "id.read secret", "url_key": URL}, "a value with blanks"),
        ({"read_key": READ, "url_key": "  "}, "nothing but blanks in url_key"),
        (f'{{"read_key": {"9" * 5000}, "url_key": "x"}}', "is not JSON that anybody would read"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_shown(
    configure: Callable[..., Ended], secret: object, message: str
) -> None:
    secrets = Secrets("{}")
    ended = configure(secret, secrets=secrets)
    assert ended.code == 2
    assert message in ended.err
    assert "read_key, url_key, user_link_key?, user_delete_key?" in ended.err
    assert "read-secret" not in ended.err
    assert "read secret" not in ended.err
    assert secrets.text == "{}"


def test_the_secret_can_come_from_standard_input(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(SECRET)))
    secrets = Secrets("{}")
    arguments = ("configure", "sentiance", "--file", "-", "--no-check", "--json")
    ended = telematics(*arguments, stack=deployed(secrets=secrets))
    assert json.loads(ended.out) == {
        "provider": "sentiance",
        "fields": ["read_key", "url_key"],
        "checked": [],
        "webhooks": {},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("configure", "weather", "--file", "x"), "choose one of sentiance, move"),
        (("configure", "sentiance", "--file", "/no/such/file"), "No such file"),
        (("configure", "sentiance"), "--file"),
    ],
)
def test_what_is_missing_is_named(
    telematics: Program, arguments: tuple[str, ...], message: str
) -> None:
    ended = telematics(*arguments, stack=deployed())
    assert ended.code == 2
    assert message in ended.err
