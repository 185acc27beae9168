"""People at the providers: registered, blocked and forgotten, by the calls of each reference."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics import http
from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.http import Patience
from telematics.providers.move import users as move
from telematics.providers.sentiance import users as sentiance
from telematics.providers.sentiance.users import SentianceUsers
from tests.sandbox.simulators.sentiance import DELETE_KEY, LINK_KEY, READ_KEY
from tests.unit import simulated_move, simulated_sentiance
from tests.unit.move_server import Server, answering, ok, payload, status, told

USER, ID = "anna-17", "5f0c9e2b7d1a4c3e8b6f0a12"
MOVE = {"product_id": SecretStr("4711"), "api_key": SecretStr("very:secret")}


def plain(credentials: Any) -> dict[str, str]:
    return {name: one.get_secret_value() for name, one in credentials.items()}


@pytest.mark.parametrize(
    ("version", "path", "contract"),
    [("v1_5", "/sdk-auth/v1_5/jwt/registeruser", "contractId"), ("v20", "/v20/user", "userId")],
)
def test_somebody_is_registered_at_move_and_gets_tokens(
    monkeypatch: pytest.MonkeyPatch, version: str, path: str, contract: str
) -> None:
    server = answering(ok(payload("answer_tokens")))
    monkeypatch.setattr(http, "prompt", lambda: server.http)
    fields = {**MOVE, "api_version": SecretStr(version)}
    access = move.connect(fields, base_url="https://move.example")

    made = access.register(USER, "m-1")

    assert server.paths == [f"POST {path}"]
    assert server.bodies == [{contract: "m-1"}]
    assert {"access_token", "refresh_token"} < plain(made).keys()
    assert plain(made)["contract_id"] == "m-1"
    assert "secret" not in repr(made)


def test_blocking_at_move_is_a_call_of_its_access_service(monkeypatch: pytest.MonkeyPatch) -> None:
    server = answering(ok(""))
    monkeypatch.setattr(http, "prompt", lambda: server.http)
    access = move.connect(MOVE, base_url="https://move.example")
    access.block("m-1", blocked=True)
    access.block("m-1", blocked=False)
    assert server.paths == ["POST /access/v1_5/block"] * 2
    assert [one["block"] for one in server.bodies] == [True, False]


def test_forgetting_at_move_is_for_good_and_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(lambda _: ok(""))
    monkeypatch.setattr(http, "api", lambda: server.http)
    move.forgetting(MOVE, base_url="https://move.example").forget("m-1")
    assert server.paths == ["POST /sdk-auth/v1_5/deleteuser"]


def test_a_refusal_of_move_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    server = answering(status(403))
    monkeypatch.setattr(http, "prompt", lambda: server.http)
    access = move.connect(MOVE, base_url="https://move.example")
    assert "blocked there" in told(lambda: access.register(USER, "driver-17"), Forbidden)


def test_the_simulator_of_move_knows_whom_we_blocked() -> None:
    simulator = simulated_move.Simulator()
    body = {**simulated_move.PRODUCT, "contractId": "driver-0001", "block": True}
    assert simulator.http.post("/access/v1_5/block", json=body).status_code == 200
    assert simulator.get("", contractId="driver-0001").status_code == 403


@pytest.fixture
def simulator() -> simulated_sentiance.Simulator:
    return simulated_sentiance.Simulator()


def at(
    simulator: simulated_sentiance.Simulator, *, by: str = "graphql", key: str = ""
) -> SentianceUsers:
    return SentianceUsers(
        simulator.http,
        base_url=simulated_sentiance.BASE,
        link_key=SecretStr(key or LINK_KEY),
        delete_key=SecretStr(key or DELETE_KEY),
        delete_by=by,
    )


def test_an_app_gets_a_code_for_ten_minutes(simulator: simulated_sentiance.Simulator) -> None:
    access = at(simulator)
    first, second = plain(access.register(USER, None)), plain(access.register(USER, None))
    assert first["authentication_code"] != second["authentication_code"]
    assert (datetime.fromisoformat(first["expires_at"]) - simulator.now).seconds == 600
    known = simulator.http.get("/_simulator/users").json()
    assert known == {"linked": [USER], "deleted": []}


@pytest.mark.parametrize("by", ["graphql", "rest"])
def test_somebody_is_forgotten_by_either_call(
    simulator: simulated_sentiance.Simulator, by: str
) -> None:
    at(simulator, by=by).forget(ID)
    at(simulator, by=by).forget(ID)
    assert simulator.http.get("/_simulator/users").json()["deleted"] == [ID]


@pytest.mark.parametrize("by", ["graphql", "rest"])
@pytest.mark.parametrize(
    ("key", "hint"), [(READ_KEY, "needs the scope USER_DELETE"), ("x.y", "less than a year old")]
)
def test_a_key_that_may_not_is_told_as_such(
    simulator: simulated_sentiance.Simulator, by: str, key: str, hint: str
) -> None:
    with pytest.raises(ProviderRefused, match=hint):
        at(simulator, by=by, key=key).forget(ID)
    with pytest.raises(ProviderRefused, match=hint.replace("DELETE", "LINK")):
        at(simulator, key=key).register(USER, None)
    assert simulator.http.get("/_simulator/users").json() == {"linked": [], "deleted": []}


def answered(*answers: httpx.Response) -> SentianceUsers:
    patience = Patience(attempts=1)
    return SentianceUsers(
        answering(*answers).http,
        base_url="https://sentiance.example",
        link_key=SecretStr("key"),
        delete_key=SecretStr("key"),
        patience=patience,
    )


Ask = Callable[[SentianceUsers], object]
REGISTER: Ask = lambda access: access.register(USER, None)  # noqa: E731
FORGET: Ask = lambda access: access.forget(ID)  # noqa: E731
NOBODY = {"data": None, "errors": [{"message": "x", "extensions": {"code": "USER_NOT_FOUND"}}]}


@pytest.mark.parametrize(
    ("ask", "answer", "error"),
    [
        (REGISTER, httpx.Response(503), ProviderBusy),
        (REGISTER, ok("no json"), ProviderBusy),
        (REGISTER, ok("[]"), ProviderBusy),
        (REGISTER, ok('{"authentication": "x"}'), ProviderBusy),
        (REGISTER, httpx.Response(400, json={"message": "bad"}), ProviderRefused),
        (FORGET, httpx.Response(200, json={"errors": [{"message": "no such user"}]}), NotFound),
        (FORGET, httpx.Response(200, json={"errors": [{"message": "no"}]}), ProviderRefused),
    ],
)
def test_an_answer_that_is_none_is_told_for_what_it_is(
    ask: Ask, answer: httpx.Response, error: type[TelematicsError]
) -> None:
    with pytest.raises(error) as caught:
        ask(answered(answer))
    assert type(caught.value) is error
    assert USER not in str(caught.value)


def test_an_id_that_could_be_more_than_one_is_never_sent() -> None:
    with pytest.raises(InvalidRequest):
        answered(ok("{}")).forget('x") { id } }')


def test_without_a_key_for_it_nothing_is_sent(simulator: simulated_sentiance.Simulator) -> None:
    base = simulated_sentiance.BASE
    bare = {"read_key": SecretStr("a"), "url_key": SecretStr("b")}
    with pytest.raises(MissingSetting, match="user_link_key"):
        sentiance.connect(bare, base_url=base).register(USER, None)
    assert sentiance.forgetting(bare, base_url=base) is None
    with pytest.raises(MissingSetting, match="user_delete is graphql or rest"):
        sentiance.connect({**bare, "user_delete": SecretStr("fax")}, base_url=base)


def test_a_provider_is_told_where_its_secret_says(monkeypatch: pytest.MonkeyPatch) -> None:
    server = answering(ok('{"data": {}}'))
    monkeypatch.setattr(http, "api", lambda: server.http)
    fields = {"base_url": SecretStr("https://api.p15.example"), "user_delete_key": SecretStr("k")}
    access = sentiance.forgetting(fields, base_url="https://other.example")
    assert access is not None
    access.forget(ID)
    assert [one.url.host for one in server.requests] == ["api.p15.example"]
