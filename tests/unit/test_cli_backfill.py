"""A fetch starts executions in turn and looks on until every file is decided."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from infra.cli.backfill import Backfill, Tally
from infra.cli.exits import CommandError
from infra.cli.target import Deployment
from telematics.offloads.period import Period
from tests.unit.cli_stack import Item, Machines, Queues, deployed, row

DAY = date(2023, 6, 4)
NOW = datetime(2023, 6, 6, 8, 30, tzinfo=UTC)


class Clock:
    """Time passes only by waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def backfill(stack: Deployment, days: int = 1, clock: Clock | None = None) -> Backfill:
    clock = clock or Clock()
    period = Period(DAY, DAY + timedelta(days=days - 1))
    return Backfill(
        stack,
        "sentiance",
        "arn:offloads",
        period,
        now=lambda: NOW,
        clock=clock,
        sleep=clock.sleep,
    )


def files(*states: str) -> Sequence[Item]:
    return [row(DAY, f"dataset{number}", state) for number, state in enumerate(states)]


def test_it_ends_when_every_file_is_loaded_though_the_machine_ended_before() -> None:
    stack = deployed(
        [], files("listed", "listed"), files("stored", "listed"), files("stored", "stored"),
        files("loaded", "stored"), files("loaded", "loaded"),
    )  # fmt: skip
    tallies = list(backfill(stack).follow())
    assert [tally.loaded for tally in tallies] == [0, 0, 0, 0, 1, 2]
    assert [tally.days_done for tally in tallies] == [0, 0, 0, 0, 0.5, 1]


def test_a_day_without_files_is_done() -> None:
    work = backfill(deployed([], []))
    assert list(work.follow())[-1].days_done == 1
    assert not work.stuck


def test_a_year_is_fetched_month_by_month_one_after_the_other() -> None:
    machines = Machines()
    list(backfill(deployed(machines=machines), days=70).follow())
    assert [json.loads(one["input"]) for one in machines.started] == [
        {"from": "2023-06-04", "to": "2023-07-04"},
        {"from": "2023-07-05", "to": "2023-08-04"},
        {"from": "2023-08-05", "to": "2023-08-12"},
    ]
    assert machines.started[0]["name"] == "fetch-2023-06-04-2023-07-04-20230606T083000"


def test_a_failed_file_is_final_once_the_machine_has_ended() -> None:
    machines = Machines(states=("RUNNING", "RUNNING", "SUCCEEDED"))
    stack = deployed(files("failed"), files("stored"), files("failed"), machines=machines)
    work = backfill(stack)
    assert [tally.failed for tally in work.follow()] == [1, 0, 1, 1]
    assert not work.stuck


def test_files_of_other_days_do_not_matter() -> None:
    other = row(date(2023, 6, 5), "transports", "listed")
    assert list(backfill(deployed([*files("loaded"), other])).follow())[-1] == Tally(
        days=1, days_done=1, listed=1, stored=1, loaded=1, failed=0, rows=0, quarantined=0
    )


@pytest.mark.parametrize(("waiting", "minutes"), [(0, 5), (1, 20)])
def test_it_gives_up_when_nothing_moves_but_later_while_something_loads(
    waiting: int, minutes: int
) -> None:
    clock = Clock()
    stack = deployed(files("stored"), queues=Queues({"queue/convert": waiting}))
    work = backfill(stack, clock=clock)
    list(work.follow())
    assert work.stuck
    assert minutes * 60 <= clock.seconds < minutes * 60 + 10


def test_a_machine_that_failed_says_why_and_that_nothing_is_lost() -> None:
    machines = Machines(states=("FAILED",), cause="Sentiance refused to list offloads")
    with pytest.raises(CommandError, match=r"refused to list offloads.*What it stored stays"):
        list(backfill(deployed(machines=machines)).follow())
