"""The demo's crash: told to our webhook, and its clip followed once it is asked for by itself."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import httpx
import pytest

from infra.cli import crash, desk, keys, looking
from infra.cli.crash import Crash, clip_id_of
from infra.cli.exits import CommandError
from tests.unit.test_cli_move import signed_in

DEVICE = "cid-0001"
CLIP = clip_id_of(DEVICE, datetime(2024, 3, 4, 17, 30, tzinfo=UTC))


@dataclass
class Place:
    """The simulator and the desk at once. The clip is there after so many looks."""

    appears_after: int = 1
    asked: list[str] = field(default_factory=list)
    bodies: dict[str, object] = field(default_factory=dict)
    looks: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rsplit("$default")[-1]
        self.asked.append(f"{request.method} {path}")
        self.bodies[path] = json.loads(request.content or b"null")
        if path == "/v1/users":
            return httpx.Response(409, json={"detail": "somebody is registered"})
        if path.startswith("/v1/clips"):
            self.looks += 1
            if self.looks <= self.appears_after:
                return httpx.Response(404, json={"detail": "there is no such clip"})
            state = "pending" if self.looks == self.appears_after + 1 else "stored"
            return httpx.Response(200, json={"clip_id": CLIP, "state": state})
        return httpx.Response(200, json={"device": DEVICE})


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    here = Place()

    def client(**_: object) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(here))

    monkeypatch.setattr(crash, "client", client)
    monkeypatch.setattr(desk, "client", client)
    monkeypatch.setattr(keys, "callable_urls", lambda _: {"dashcam/messages": "http://hook"})
    for module in (crash, looking):
        monkeypatch.setattr(module, "sleep", lambda _: None)
    monkeypatch.setattr(looking, "PAUSE_SECONDS", 0)
    return here


def lived() -> str:
    return Crash("http://simulator", signed_in()).live(today=date(2024, 3, 5)).state


def test_the_driver_is_linked_the_webhook_is_told_and_the_clip_followed(place: Place) -> None:
    assert lived() == "stored"
    assert place.asked[:5] == [
        "POST /v1/users",
        "PUT /v1/users/driver-0001/links/dashcam",
        "DELETE /_simulator/webhook",
        "POST /_simulator/webhook",
        "POST /_simulator/crash",
    ]
    assert place.bodies["/_simulator/webhook"] == {"url": "http://hook", "types": [*crash.TYPES]}
    assert place.asked[-1] == f"GET /v1/clips/{CLIP}"
    assert not any("POST /v1/clips" in one for one in place.asked)


def test_footage_that_nobody_asks_for_is_a_failure(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "APPEARS_WITHIN_SECONDS", 0)
    place.appears_after = 1_000
    with pytest.raises(CommandError, match="nobody asked for the footage"):
        lived()
