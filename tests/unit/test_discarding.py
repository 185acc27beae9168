"""Discarding an event: on record before anything is done, done once, and never in silence."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from functions import discard_event
from telematics import discarding
from telematics.discarding import Discarding
from telematics.errors import Busy, NotFound, ProviderBusy, ProviderRefused
from telematics.identities import Identities
from telematics.observability import metrics
from telematics.providers.dashcam.discards import DashcamDiscards
from telematics.tasks import Tasks
from telematics.users.log import AccessLog
from tests.unit.dashcam_server import EVENT, answering, ok, payload
from tests.unit.fakes import FakeTable
from tests.unit.lambda_call import Context
from tests.unit.private_call import answered, event

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
IDENTITIES = Identities(b"a key of the tests")
DRIVER, REASON = "17", "private land"
ROUTE = "POST /v1/dashcam/events/{event}/discard"


@dataclass
class Provider:
    """Notes what was in the log when it was called; `refusals` are raised one after the other."""

    log: list[str]
    driver_id: str | Exception = DRIVER
    refusals: list[Exception] = field(default_factory=list)
    discarded: list[tuple[str, list[str]]] = field(default_factory=list)

    def driver(self, event: str) -> str:
        if isinstance(self.driver_id, Exception):
            raise self.driver_id
        return self.driver_id

    def discard(self, event: str) -> None:
        self.discarded.append((event, list(self.log)))
        if self.refusals:
            raise self.refusals.pop(0)


@dataclass
class World:
    """The log as `result of subject`, in its order."""

    table: FakeTable = field(default_factory=FakeTable)
    log: list[str] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = Provider(self.log)

    def write(self, subject: str, **entry: Any) -> None:
        known = {IDENTITIES.of("dashcam", DRIVER): "driver"}
        self.log.append(f"{entry['result']} of {known.get(subject, 'event')}")
        self.entries.append(entry)

    @property
    def discarding(self) -> Discarding:
        return Discarding(
            provider="dashcam",
            tasks=Tasks(cast(Any, self.table)),
            source=lambda: self.provider,
            log=cast(AccessLog, self),
            identities=IDENTITIES,
            now=lambda: NOW,
        )

    def discard(self) -> bool:
        return self.discarding.discard(EVENT, by="ClaimsDesk", reason=REASON)


@pytest.fixture
def world() -> World:
    return World()


def test_it_is_on_record_before_the_provider_hears_of_it_and_the_result_after(
    world: World,
) -> None:
    assert world.discard()
    assert world.provider.discarded == [(EVENT, ["discarding of driver"])]
    assert world.log == ["discarding of driver", "discarded of driver"]
    for entry in world.entries:
        assert (entry["by"], entry["reason"], entry["now"]) == ("ClaimsDesk", REASON, NOW)


def test_twice_is_as_good_as_once(world: World) -> None:
    world.discard()
    assert not world.discard()
    assert len(world.provider.discarded) == 1
    [item] = world.table.items.values()
    assert item["state"] == "discarded"


def test_what_is_refused_is_on_record_too_and_may_be_tried_again(world: World) -> None:
    world.provider.refusals = [ProviderRefused("VisionMax answered 422 to discard")]
    with pytest.raises(ProviderRefused):
        world.discard()
    assert world.log[-1].startswith("refused: VisionMax answered 422")
    assert world.discard()
    assert len(world.provider.discarded) == 2


def test_an_event_without_a_driver_is_on_record_as_itself(world: World) -> None:
    for told in ("", NotFound("no such event")):
        world.provider.driver_id = told
        world.table.items.clear()
        world.discard()
    assert set(world.log) == {"discarding of event", "discarded of event"}


def test_a_provider_that_is_busy_before_anything_is_done_leaves_no_trace(world: World) -> None:
    world.provider.driver_id = ProviderBusy("busy")
    with pytest.raises(ProviderBusy):
        world.discard()
    assert (world.log, world.table.items) == ([], {})


def test_of_two_at_once_only_one_asks_the_provider(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Tasks.write

    def overtaken(tasks: Tasks, task_id: str, facts: Any, *, revision: int) -> bool:
        real(tasks, task_id, facts, revision=revision)
        return real(tasks, task_id, facts, revision=revision)

    monkeypatch.setattr(Tasks, "write", overtaken)
    with pytest.raises(Busy):
        world.discard()
    assert world.provider.discarded == []


def test_the_provider_is_asked_whose_event_it_is_and_then_to_discard_it() -> None:
    server = answering(ok(payload("event")), ok("OK"))
    source = DashcamDiscards(server.client())
    assert source.driver(EVENT) == DRIVER
    source.discard(EVENT)
    assert server.paths == [f"GET /V2/event/{EVENT}", f"POST /V2/event/{EVENT}/discard"]


Call = Callable[[object], tuple[int, dict[str, Any]]]


@pytest.fixture
def call(world: World, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(discarding, "deployed", lambda: world.discarding)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")

    def call(body: object) -> tuple[int, dict[str, Any]]:
        asked = event(ROUTE, body, path={"event": EVENT})
        return answered(discard_event.handler(asked, Context()))[:2]

    return call


def test_the_call_takes_a_reason_and_says_whether_it_was_new(world: World, call: Call) -> None:
    assert call({"reason": REASON}) == (200, {"event": EVENT, "again": False})
    assert call({"reason": REASON}) == (200, {"event": EVENT, "again": True})
    assert {entry["by"] for entry in world.entries} == {"ClaimsDesk"}


@pytest.mark.parametrize("body", [None, {}, {"reason": " "}, {"reason": "a\nb"}, {"why": "so"}])
def test_without_a_reason_nothing_is_done(world: World, call: Call, body: object) -> None:
    assert call(body)[0] == 400
    assert (world.log, world.provider.discarded) == ([], [])


def test_a_refusal_is_told_as_a_problem_that_names_nobody(world: World, call: Call) -> None:
    world.provider.refusals = [ProviderRefused("VisionMax answered 422 to discard")]
    code, told = call({"reason": REASON})
    assert code == 422
    assert EVENT not in json.dumps(told)
