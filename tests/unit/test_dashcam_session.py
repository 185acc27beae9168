"""Logging in once for everybody, again when the token is no longer good, and never in a loop."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics.errors import Forbidden, MissingSetting, ProviderBusy, ProviderRefused
from telematics.providers.dashcam import client
from telematics.providers.dashcam.client import Dashcam
from telematics.providers.dashcam.tokens import InProcess
from tests.unit.dashcam_server import (
    EMAIL,
    EVENT,
    KEY,
    PASSWORD,
    REQUEST,
    Answer,
    Server,
    answering,
    fields,
    ok,
    payload,
    status,
    told,
    told_as,
)


def connected(server: Server, more: dict[str, str]) -> Dashcam:
    return server.client(tokens=InProcess(), **more)


def only(token: str) -> Server:
    """Takes this token alone."""

    def answer(request: httpx.Request) -> Answer:
        is_good = request.headers["authorization"] == f"Bearer {token}"
        return ok(payload("event")) if is_good else status(401)

    return Server(answer)


def test_a_login_has_the_key_and_no_token() -> None:
    seen: list[httpx.Request] = []

    def welcome(request: httpx.Request) -> Answer:
        seen.append(request)
        return ok(payload("login"))

    server = Server(lambda _: ok(payload("event")), welcome)
    server.client().event(EVENT)

    assert json.loads(seen[0].content) == {"email": EMAIL, "password": PASSWORD, "type": "email"}
    assert seen[0].headers["x-api-key"] == KEY
    assert "authorization" not in seen[0].headers
    assert server.tokens == ["Bearer token-of-login"]


@pytest.mark.parametrize(
    ("members", "token"),
    [
        ({"data": {"access_token": "a", "token": "b"}, "access_token": "c", "token": "d"}, "a"),
        ({"data": {"token": "b"}, "access_token": "c", "token": "d"}, "b"),
        ({"data": {}, "access_token": "c", "token": "d"}, "c"),
        ({"data": None, "token": "d"}, "d"),
        ({"data": [], "token": "d"}, "d"),
        ({"data": {"access_token": None, "token": ""}, "access_token": 7, "token": "d"}, "d"),
        ({"data": {"access_token": "two words"}, "token": "d"}, "d"),
    ],
)
def test_the_token_is_where_the_first_of_four_places_has_one(
    members: dict[str, Any], token: str
) -> None:
    server = Server(lambda _: ok(payload("event")), lambda _: ok(told_as("login", **members)))
    server.client().event(EVENT)
    assert server.tokens == [f"Bearer {token}"]


@pytest.mark.parametrize("token", ["", "tökén", "a\r\nb", None, 7, {}])
def test_a_login_without_a_token_that_can_be_sent_is_refused(token: object) -> None:
    answer = told_as("login", data={"access_token": token})
    server = Server(lambda _: ok(payload("event")), lambda _: ok(answer))

    text = told(lambda: server.client().event(EVENT), ProviderRefused)

    assert text == "MiTAC VisionMax answered the login without an access token"
    assert server.requests == []


@pytest.mark.parametrize("answer", [status(400), status(401), status(403), ok(payload("refused"))])
def test_a_wrong_password_is_refused_once_with_a_hint(answer: httpx.Response) -> None:
    server = Server(lambda _: ok(payload("event")), lambda _: answer)

    text = told(lambda: server.client().event(EVENT), ProviderRefused)

    assert text == (
        f"MiTAC VisionMax answered {answer.status_code} to login"
        f" (code E10234, request {REQUEST}): are api_key, email and password right?"
    )
    assert (server.logins, server.requests, server.waits) == (1, [], [])


def test_a_busy_login_is_waited_for() -> None:
    answers = [status(503), ok(payload("login"))]
    server = Server(lambda _: ok(payload("event")), lambda _: answers.pop(0))
    server.client().event(EVENT)
    assert server.waits == [0.5]


def test_one_login_serves_all_calls() -> None:
    server = answering(ok(payload("event")))
    api = server.client()
    for _ in range(3):
        api.event(EVENT)
    assert server.logins == 1


def test_a_token_that_is_no_longer_good_is_renewed_and_the_call_repeated() -> None:
    server = only("token-of-login-2")

    assert server.client().event(EVENT).elements

    assert server.tokens == ["Bearer token-of-login-1", "Bearer token-of-login-2"]
    assert (server.logins, server.waits) == (2, [])


def test_the_envelope_may_say_so_too_where_that_is_configured() -> None:
    server = answering(ok(payload("refused")), ok(payload("event")))
    server.client(codes='{"token": "401, E10234"}').event(EVENT)
    assert server.logins == 2

    forbidden = answering(status(403))
    told(lambda: forbidden.client(codes='{"token": "401"}').event(EVENT), Forbidden)
    assert (forbidden.logins, len(forbidden.requests)) == (1, 1)


@pytest.mark.parametrize(("code", "error"), [(401, ProviderRefused), (403, Forbidden)])
def test_whoever_is_refused_with_a_new_token_is_refused(
    code: int, error: type[ProviderRefused]
) -> None:
    server = answering(status(code))

    text = told(lambda: server.client().event(EVENT), error)

    assert text.startswith(f"MiTAC VisionMax answered {code} to event")
    assert (server.logins, len(server.requests)) == (2, 2)


def test_workers_that_are_refused_together_log_in_once() -> None:
    both_refused = threading.Barrier(4)

    def answer(request: httpx.Request) -> Answer:
        if request.headers["authorization"] == "Bearer token-of-login-1":
            both_refused.wait(10)
            return status(401)
        return ok(payload("event"))

    server = Server(answer)
    api = server.client()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: api.event(EVENT), range(4)))

    assert all(one.elements for one in found)
    assert server.logins == 2


def test_tokens_are_renewed_only_for_whoever_had_the_current_one() -> None:
    tokens = InProcess()
    assert tokens.current() is None
    assert tokens.renewed(None, lambda: "first") == "first"
    assert tokens.renewed(None, lambda: "never") == "first"
    assert tokens.renewed("long ago", lambda: "never") == "first"
    assert tokens.renewed("first", lambda: "second") == "second"
    assert tokens.current() == "second"


class Watched:
    """A lock that tells when so many have come to it."""

    def __init__(self, expected: int) -> None:
        self._lock = threading.Lock()
        self._left = expected
        self.all_are_here = threading.Event()

    def __enter__(self) -> None:
        self._left -= 1
        if not self._left:
            self.all_are_here.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_those_who_wait_for_a_login_that_is_refused_do_not_try_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens, lock, attempts = InProcess(), Watched(4), []
    monkeypatch.setattr(tokens, "_lock", lock)

    def login() -> str:
        attempts.append(1)
        lock.all_are_here.wait(10)
        raise ProviderRefused("wrong password")

    def refused(_: int) -> str:
        with pytest.raises(ProviderRefused) as caught:
            tokens.renewed(None, login)
        return str(caught.value)

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(refused, range(4)))

    assert texts == ["wrong password"] * 4
    assert len(attempts) == 1


def test_a_login_that_was_refused_may_be_tried_later() -> None:
    tokens = InProcess()

    def refuse() -> str:
        raise ProviderRefused("wrong password")

    with pytest.raises(ProviderRefused):
        tokens.renewed(None, refuse)
    assert tokens.renewed(None, lambda: "at last") == "at last"


def test_a_login_that_was_busy_is_tried_by_the_next() -> None:
    tokens = InProcess()

    def busy() -> str:
        raise ProviderBusy("no answer")

    with pytest.raises(ProviderBusy):
        tokens.renewed(None, busy)
    assert tokens.renewed(None, lambda: "at last") == "at last"


def test_with_a_fleet_the_token_is_exchanged() -> None:
    server = answering(ok(payload("switch")), ok(payload("event")))

    server.client(fleet_id="42").event(EVENT)

    assert server.paths == ["POST /V2/auth/token", f"GET /V2/event/{EVENT}"]
    assert server.tokens == ["Bearer token-of-login-1", "Bearer token-of-fleet"]
    switch = server.requests[0]
    assert switch.headers["content-type"].startswith("multipart/form-data")
    assert b'name="fleet_id"\r\n\r\n42\r\n' in switch.content


def test_without_one_it_is_not() -> None:
    server = answering(ok(payload("event")))
    server.client().event(EVENT)
    assert server.paths == [f"GET /V2/event/{EVENT}"]


def test_the_fleet_that_the_token_is_of_already_needs_no_other() -> None:
    server = answering(
        ok(told_as("switch", data={"fleets": [{"id": 42, "current": True}]})), ok(payload("event"))
    )
    server.client(fleet_id="42").event(EVENT)
    assert server.tokens == ["Bearer token-of-login-1"] * 2


@pytest.mark.parametrize(
    "answer",
    [
        ok(payload("switch_to_a_fleet_that_nobody_knows")),
        ok(told_as("switch", data={"access_token": "token-of-login-1"})),
        ok(told_as("switch", data="x")),
        status(400),
        status(401),
    ],
)
def test_a_fleet_that_nobody_knows_is_refused_with_a_hint(answer: httpx.Response) -> None:
    server = answering(answer)

    text = told(lambda: server.client(fleet_id="42").event(EVENT), ProviderRefused)

    assert "is fleet_id right?" in text
    assert (server.logins, len(server.requests)) == (1, 1)


def test_the_paths_headers_and_parameters_of_the_secret_count() -> None:
    server = answering(ok(payload("event")))
    api = server.client(
        base_url="https://elsewhere.example/api/",
        paths='{"event": "POST /V3/find/{uuid}?full=1"}',
        headers='{"api_key": "apikey", "token": "X-Token", "token_prefix": ""}',
    )

    api.event(EVENT)

    [request] = server.requests
    assert request.method == "POST"
    assert str(request.url) == f"https://elsewhere.example/api/V3/find/{EVENT}?full=1"
    assert (request.headers["apikey"], request.headers["x-token"]) == (KEY, "token-of-login-1")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("paths", "[]", "paths is not a JSON object of texts"),
        ("paths", '{"events": 1}', "paths is not a JSON object of texts"),
        ("paths", "{", "paths is not a JSON object of texts"),
        ("paths", f'{{"{KEY}": "/x"}}', "paths has a name that is none of: login, switch, safety"),
        ("headers", '{"key": "x"}', "headers has a name that is none of: api_key, token, token_"),
        ("parameters", '{"limit": "x"}', "parameters has a name that is none of: time_lapse"),
        ("codes", '{"bad": "x"}', "codes has a name that is none of: token, busy"),
        ("fleet_id", "north", "fleet_id is not a number"),
        ("base_url", "visionmax.example", "it looks like https://host"),
        ("base_url", f"https://x.example/?key={KEY}", "it looks like https://host"),
        ("base_url", "https://x.example:port", "it looks like https://host"),
        ("api_key", "schlüssel", "api_key can't stand in a header"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_what_would(
    field: str, value: str, text: str
) -> None:
    server = answering(ok(payload("event")))
    assert text in told(lambda: connected(server, {field: value}), MissingSetting)
    assert server.logins == 0


def test_connecting_asks_nobody_and_shares_nothing() -> None:
    first = client.connect(fields(), base_url="https://visionmax.example")
    second = client.connect(fields(), base_url="https://visionmax.example")
    assert first._session._tokens is not second._session._tokens
    assert isinstance(fields()["password"], SecretStr)
