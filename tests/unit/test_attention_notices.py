"""A problem is told of when it is new and once a day while it lasts, in one message with others."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from functions import watch_desk
from telematics.attention import desk, notices
from telematics.attention.notices import MOST_TOLD, Notices
from telematics.attention.problem import Kind, Problem
from telematics.observability import metrics
from telematics.tasks import Tasks
from tests.unit.fakes import FakeTable
from tests.unit.lambda_call import Context
from tests.unit.user_world import NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Topic:
    """Keeps what was published."""

    told: list[dict[str, str]] = field(default_factory=list)

    def publish(self, **message: str) -> None:
        self.told.append(message)


@dataclass
class World:
    """A topic, and what was told of before."""

    topic: Topic = field(default_factory=Topic)
    table: FakeTable = field(default_factory=FakeTable)

    @property
    def tasks(self) -> Tasks:
        return Tasks(cast(Any, self.table))

    @property
    def notices(self) -> Notices:
        return Notices(self.tasks, self.topic, "arn:topic")


def problem(place: str = "sentiance/2023-06-04", **more: Any) -> Problem:
    return Problem(Kind.DAY_INCOMPLETE, place, f"{place} is missing", "telematics fetch", **more)


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_problem_is_told_with_what_helps_and_where_to_read_more(world: World) -> None:
    assert world.notices.tell([problem(since=NOW)], now=NOW) == 1
    [message] = world.topic.told
    assert message == {
        "TopicArn": "arn:topic",
        "Subject": "Telematics Lake: 1 problem",
        "Message": "sentiance/2023-06-04 is missing (since 2023-06-05T09:00:00.000Z)\n"
        "  telematics fetch\n"
        "  docs/runbook.md#offload-day-incomplete",
    }


def test_while_it_lasts_it_is_told_once_a_day(world: World) -> None:
    told = [world.notices.tell([problem()], now=NOW + hours * HOUR) for hours in range(49)]
    assert [hours for hours, count in enumerate(told) if count] == [0, 24, 48]


def test_a_clock_that_is_not_exact_delays_nothing(world: World) -> None:
    world.notices.tell([problem()], now=NOW + 14 * MINUTE)
    for hours in range(1, 24):
        assert world.notices.tell([problem()], now=NOW + hours * HOUR) == 0
    assert world.notices.tell([problem()], now=NOW + 24 * HOUR) == 1


def test_one_that_comes_back_is_told_at_once(world: World) -> None:
    world.notices.tell([problem()], now=NOW)
    assert world.notices.tell([problem()], now=NOW + 6 * HOUR) == 1


def test_what_is_new_is_told_without_what_was_told_before(world: World) -> None:
    world.notices.tell([problem("a")], now=NOW)
    assert world.notices.tell([problem("a"), problem("b")], now=NOW + HOUR) == 1
    assert world.topic.told[-1]["Message"].startswith("b is missing")


def test_all_that_is_new_is_one_message_and_no_larger_than_a_message_may_be(world: World) -> None:
    many = [problem(f"day-{number}") for number in range(MOST_TOLD + 1)]
    assert world.notices.tell(many, now=NOW) == MOST_TOLD + 1
    [message] = world.topic.told
    assert message["Subject"] == "Telematics Lake: 101 problems"
    assert message["Message"].endswith("and 1 more: telematics status")
    assert len(message["Message"].encode()) < 256_000


def test_nothing_amiss_is_nothing_told(world: World) -> None:
    assert world.notices.tell([], now=NOW) == 0
    assert world.topic.told == []


def test_since_when_is_known_of_what_is_seen_every_hour(world: World) -> None:
    for hours in range(5):
        world.notices.tell([problem()], now=NOW + hours * HOUR)
    assert notices.since(world.tasks, problem(), now=NOW + 5 * HOUR) == NOW
    assert notices.since(world.tasks, problem(), now=NOW + 10 * HOUR) is None
    assert notices.since(world.tasks, problem("other"), now=NOW) is None
    assert notices.since(world.tasks, problem(since=NOW - HOUR), now=NOW) == NOW - HOUR


def test_what_was_told_is_forgotten_and_names_no_place(world: World) -> None:
    world.notices.tell([problem("sentiance/2023-06-04")], now=NOW)
    [item] = world.table.items.values()
    assert item["expires_at"] == int((NOW + notices.KEPT_FOR).timestamp())
    assert "sentiance" not in repr(item)


@dataclass
class Looked:
    """A desk at which these are found."""

    found: list[Problem]

    def problems(self, **_: object) -> list[Problem]:
        return self.found


def test_the_function_counts_what_is_amiss_and_publishes_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Looked([problem("a"), problem("b")])
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Telematics")
    monkeypatch.setattr(desk, "deployed", lambda: here)
    monkeypatch.setattr(notices, "deployed", lambda: world.notices)
    answer = watch_desk.handler({}, Context())
    assert answer == {"problems": 2, "told": 2, "offload_day_incomplete": 2}
    published = capsys.readouterr().out
    assert '"OffloadDayIncomplete":[2.0]' in published
    assert '"Problems":[2.0]' in published
    here.found.clear()
    assert watch_desk.handler({}, Context()) == {"problems": 0, "told": 0}
    assert "_aws" not in capsys.readouterr().out
