"""`telematics demo`: every step in its turn, and nothing suggested that does not exist."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pyiceberg.catalog import Catalog

from infra.cli import demo, notifying
from infra.cli.desk import Answer
from infra.cli.engines import iceberg
from infra.cli.receipts import Receipt
from infra.cli.target import Deployment
from telematics import tables
from tests.sandbox.state import Running
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import WEBHOOKS, deployed, row
from tests.unit.conftest import DATABASE

__all__ = ["telematics"]


def test_it_goes_from_the_sandbox_to_answers_and_says_what_is_next(
    telematics: Program, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in tables.declared():
        tables.ensure(catalog, DATABASE, name)
    monkeypatch.setattr(iceberg, "catalog", lambda _: catalog)
    monkeypatch.setattr(
        demo, "ensure", lambda: Running("http://127.0.0.1:1", datetime.now(UTC), ready=True)
    )
    day = datetime.now(UTC).date()
    ended = telematics("demo", stack=deployed([row(day, "transports", "loaded", rows=7)]))
    assert ended.code == 0
    for question in demo.QUESTIONS:
        assert f"telematics query {question}" in ended.out
    assert "sandbox down" in ended.out
    assert "MOVE is not simulated here" in ended.out
    for url in WEBHOOKS.values():
        assert url in ended.out
    assert "move_trips_by_type" not in ended.out


class Simulator:
    """Needs two looks to notify everything."""

    def __init__(self, given_up: int = 0) -> None:
        self.given_up = given_up
        self.orders: list[dict[str, str]] = []
        self.looks = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.orders.append(json.loads(request.content))
            return httpx.Response(200, json={"run": 7})
        assert request.url.path == "/_simulator/runs/7"
        self.looks += 1
        told = {"items": 600, "deliveries": 3, "given_up": self.given_up, "seconds": 1.5}
        return httpx.Response(200, json={**told, "done": self.looks == 2, "answers": {"200": 3}})


class Leaving:
    """Somebody blocked and erased, as the desk tells it."""

    def __init__(self, deployment: Deployment) -> None:
        self.label = deployment.label

    def block(self) -> Answer:
        return {
            "user_id": "driver-0002",
            "status": "blocked",
            "since": "now",
            "links": {},
            "providers": {"move": "told"},
        }

    def erase(self) -> Receipt:
        return {
            **{"erasure_id": "erasure-1", "sha256": "ab12", "ended_at": "2024-03-05T12:00:00Z"},
            "requested_at": "2024-03-05T11:59:00Z",
            "found": {"rows": {"move_points": 7}, **dict.fromkeys(FOUND, 0)},
            **{"providers": {"move": "told"}, "manual_tasks": [], "notes": []},
            "verified": {"objects": 3, "bytes": 4, "items": 5, "remaining": 0},
        }


FOUND = ("raw_records", "raw_objects", "media_files", "tasks")


@pytest.fixture
def lived(
    telematics: Program, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[httpx.Request], httpx.Response]], Ended]:
    """The demo, with a simulator of MOVE that answers so."""
    for name in tables.declared():
        tables.ensure(catalog, DATABASE, name)
    monkeypatch.setattr(iceberg, "catalog", lambda _: catalog)
    running = Running("http://x", datetime.now(UTC), True, simulators={"move": "http://simulator"})
    monkeypatch.setattr(demo, "ensure", lambda: running)
    monkeypatch.setattr(demo, "wait", lambda **_: None)
    monkeypatch.setattr(demo, "Farewell", Leaving)
    monkeypatch.setattr(notifying, "LOOK_EVERY_SECONDS", 0)

    def run(answer: Callable[[httpx.Request], httpx.Response]) -> Ended:
        made = httpx.Client(transport=httpx.MockTransport(answer))
        monkeypatch.setattr(notifying, "client", lambda: made)
        return telematics("demo", stack=deployed([]))

    return run


def test_the_simulated_move_is_told_to_notify_and_its_timeline_is_asked(
    lived: Callable[..., Ended],
) -> None:
    simulator = Simulator()
    ended = lived(simulator)
    assert ended.code == 0
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert simulator.orders == [
        {
            "timeline_url": WEBHOOKS["move/timeline"],
            "notifications_url": WEBHOOKS["move/notifications"],
            "from": str(yesterday - timedelta(days=demo.DAYS - 1)),
            "to": str(yesterday),
        }
    ]
    assert "600 items in 3 deliveries, 400 items a second" in ended.out
    for question in ("move_trips_by_type", "points_of_trip", "data_footprint --param user=driver"):
        assert f"telematics query {question}" in ended.out
    assert "Erased 2024-03-05" in ended.out


def test_deliveries_that_nobody_took_are_a_failure(lived: Callable[..., Ended]) -> None:
    ended = lived(Simulator(given_up=2))
    assert ended.code == 1
    assert "2 deliveries were never taken" in ended.err


def test_a_simulator_that_does_not_answer_is_a_failure(lived: Callable[..., Ended]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    ended = lived(fail)
    assert ended.code == 1
    assert "the simulator of MOVE did not do it" in ended.err


def test_interrupted_it_says_what_goes_on(lived: Callable[..., Ended]) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    ended = lived(interrupt)
    assert ended.code == 130
    assert "the simulator goes on notifying" in ended.err


def test_it_never_touches_an_aws_account(telematics: Program) -> None:
    for arguments in (("demo", "--aws"), ("--aws", "demo")):
        assert telematics(*arguments).code == 2


@pytest.mark.parametrize("arguments", [arguments for arguments, _ in demo.NEXT])
def test_what_it_suggests_exists(telematics: Program, arguments: str) -> None:
    words = [word for word in arguments.split() if word.isidentifier()]
    command = words[:2] if words[0] in ("lake", "sandbox", "webhook") else words[:1]
    assert telematics(*command, "--help").code == 0
