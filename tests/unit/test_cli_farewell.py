"""The demo's farewell: somebody is blocked and erased, and a demo later the receipt is the same."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from infra.cli import desk
from infra.cli.farewell import Farewell
from tests.unit.test_cli_move import signed_in

RECEIPT = json.dumps({"found": {"rows": {"move_timeline_items": 3}}})
DIGEST = hashlib.sha256(RECEIPT.encode()).hexdigest()
LOG = {"entries": [{"action": "erased", "result": RECEIPT, "reason": f"receipt {DIGEST}"}]}


class AccessDesk:
    """Where somebody is active until they are erased, at the third look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, erased: bool = False) -> None:
        self.calls: list[str] = []
        self.erased = erased
        self.looks = 0
        monkeypatch.setattr(desk, "client", self._client)
        monkeypatch.setattr("infra.cli.looking.PAUSE_SECONDS", 0)
        monkeypatch.setattr("infra.cli.looking.PAUSE_SECONDS_ON_AWS", 0)

    def _client(self, **_: object) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rpartition("/v1/")[2]
        self.calls.append(f"{request.method} {path}")
        if path.endswith("access-log"):
            return httpx.Response(200, json=LOG)
        if request.method == "GET":
            self.looks += 1
            self.erased = self.erased or self.looks > 2
        if self.erased:
            return httpx.Response(410, json={"detail": "somebody was erased"})
        return httpx.Response(200, json=self._state(path))

    def _state(self, path: str) -> dict[str, Any]:
        return {"status": "blocked" if path.endswith("block") else "active"}


def test_somebody_is_blocked_and_then_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    access = AccessDesk(monkeypatch)
    farewell = Farewell(signed_in())

    assert farewell.block() == {"status": "blocked"}
    assert farewell.erase() == {**json.loads(RECEIPT), "sha256": DIGEST}
    assert access.calls[:4] == [
        "POST users",
        "PUT users/driver-0002/links/move",
        "POST users/driver-0002/block",
        "DELETE users/driver-0002",
    ]


def test_the_same_farewell_again_shows_the_same_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    access = AccessDesk(monkeypatch, erased=True)
    farewell = Farewell(signed_in())

    assert farewell.block() is None
    assert farewell.erase()["sha256"] == DIGEST
    assert access.calls[-2:] == ["DELETE users/driver-0002", "GET users/driver-0002/access-log"]
