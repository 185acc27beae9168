"""The demo's claim: a crash is made to happen, its driver registered, and the answer awaited."""

import json
from datetime import date
from typing import Any

import httpx
import pytest

from infra.cli import claim, desk
from infra.cli.claim import Claim
from tests.unit.test_cli_move import signed_in

CRASH = {"driver_id": "driver-77", "date": "2024-03-04", "latitude": 50.8, "longitude": 4.6}
ID = "collision-0123456789abcdef01234567"


def test_yesterdays_crash_is_claimed_by_a_user_who_is_linked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str, Any]] = []
    states = iter(["requested", "asked", "received"])

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("$default")[2] or request.url.path
        asked.append((request.method, path, json.loads(request.content or b"null")))
        match request.method, path.rpartition("/")[2]:
            case "POST", "crash":
                return httpx.Response(200, json=CRASH)
            case "POST", "users":
                return httpx.Response(409, json={"message": "somebody is registered"})
            case "POST", "collisions":
                return httpx.Response(202, json={"collision_id": ID, "state": "requested"})
            case "GET", _:
                return httpx.Response(200, json={"collision_id": ID, "state": next(states)})
        return httpx.Response(200, json={})

    def client(**_: object) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(desk, "client", client)
    monkeypatch.setattr(claim, "client", client)
    monkeypatch.setattr("infra.cli.looking.PAUSE_SECONDS", 0)
    monkeypatch.setattr("infra.cli.looking.PAUSE_SECONDS_ON_AWS", 0)

    found = Claim("http://simulator", signed_in(), {"move": "driver-0001"}).live(
        today=date(2024, 3, 5)
    )

    assert found.state == "received"
    assert [(method, path.rpartition("/v1/")[2]) for method, path, _ in asked[1:5]] == [
        ("POST", "users"),
        ("PUT", "users/driver-0001/links/zendrive"),
        ("PUT", "users/driver-0001/links/move"),
        ("POST", "collisions"),
    ]
    assert asked[0] == (
        *("POST", "/_simulator/crash"),
        {"driver": "driver-0001", "at": 1709573400},
    )
    assert asked[2][2] == {"provider_user_id": "driver-77"}
    assert asked[4][2] == {
        "user_id": "driver-0001",
        "date": "2024-03-04",
        "at": "2024-03-04T17:30:00+00:00",
        "latitude": 50.8,
        "longitude": 4.6,
        "claim": "claim 4711",
    }
