"""`telematics reconcile`: started, followed until everybody was asked about, and summed up."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from infra.cli import reconciliation, settling
from infra.cli.exits import CommandError
from infra.cli.ranges import days_until_now
from infra.cli.reconciliation import Progress, Reconciliation
from infra.cli.target import Deployment
from telematics.catalog import PROVIDERS
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import BEGUN, Item, Machines, Queues, Secrets, deployed, row
from tests.unit.test_cli_backfill import Clock

__all__ = ["telematics"]

DAY = BEGUN.date()
KEYS = json.dumps(
    {"product_id": "1", "api_key": "k", "timeline_secret": "t", "notifications_secret": "n"}
)
PLAN = {"first": "2023-06-03", "last": "2023-06-06", "people": 70, "batches": 2, "unfinished": 3}
RECONCILE = ("reconcile", "move")


def batch(number: int, *, after_seconds: float = 5, day: date = DAY, **found: int) -> Item:
    told = {"listed": 100, "missed": 0, "late": 0, "changed": 0, **found}
    loaded_at = (BEGUN + timedelta(seconds=after_seconds)).isoformat()
    name = f"{number:05d}.json"
    return row(
        day, "reconciliation", "loaded", provider="move", name=name, loaded_at=loaded_at, **told
    )


BOTH = [batch(0, missed=2, late=1), batch(1, changed=4)]


def stack(*ledger: Sequence[Item], plan: Any = PLAN, **clients: Any) -> Deployment:
    """Each look at the ledger is two questions: the run may go on after midnight."""
    pages = [page for page in ledger for _ in range(2)]
    machines = clients.pop("machines", None) or Machines(output=json.dumps(plan))
    return deployed(*pages, machines=machines, secrets=Secrets(KEYS), **clients)


def work(given: Deployment, clock: Clock | None = None) -> Reconciliation:
    clock = clock or Clock()
    return Reconciliation(given, PROVIDERS["move"], {}, clock=clock, sleep=clock.sleep)


def test_it_asks_about_everybody_and_says_what_was_found(telematics: Program) -> None:
    machines = Machines(output=json.dumps(PLAN))
    ended = telematics(*RECONCILE, stack=stack([], BOTH, machines=machines))
    assert ended.code == 0
    assert machines.started[0]["stateMachineArn"] == "arn:reconciliation"
    assert json.loads(machines.started[0]["input"]) == {}
    for text in (
        "move 2023-06-03..2023-06-06",
        "70 users",
        "200 items listed, 98.50% were in the lake",
        "2 missed",
        "1 late",
        "4 changed",
        "3 notifications",
    ):
        assert text in ended.out


def test_the_answer_for_scripts_is_one_json_object(telematics: Program) -> None:
    ended = telematics(*RECONCILE, "--json", stack=stack(BOTH))
    told = json.loads(ended.out)
    assert told.pop("execution").startswith("arn:execution:reconcile-")
    assert told == {
        "provider": "move",
        "first": "2023-06-03",
        "last": "2023-06-06",
        "people": 70,
        "batches": 2,
        "batches_done": 2,
        "listed": 200,
        "missed": 2,
        "late": 1,
        "changed": 4,
        "percent": 98.5,
        "asked_again": 3,
        "complete": True,
        "settled": True,
        "dead_letters": 0,
    }


def test_days_are_handed_to_the_machine(telematics: Program) -> None:
    machines = Machines(output=json.dumps(PLAN))
    days = ("--from", "2023-06-01", "--to", "2023-06-07")
    assert telematics(*RECONCILE, *days, stack=stack(BOTH, machines=machines)).code == 0
    assert json.loads(machines.started[0]["input"]) == {"from": "2023-06-01", "to": "2023-06-07"}


@pytest.mark.parametrize(
    ("from_", "to", "days", "expected"),
    [
        (None, None, None, {}),
        (None, None, 1, {"from": "2023-06-06"}),
        (None, "2023-06-05", 7, {"from": "2023-05-30", "to": "2023-06-05"}),
        (None, "2023-06-05", None, {"to": "2023-06-05"}),
        ("2023-06-06", None, None, {"from": "2023-06-06"}),
    ],
)
def test_what_is_not_said_is_left_to_the_plan(
    from_: str | None, to: str | None, days: int | None, expected: dict[str, str]
) -> None:
    assert days_until_now(from_, to, days=days, today=DAY) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("reconcile", "sentiance"), "what can be is of move"),
        ((*RECONCILE, "--to", "2999-01-01"), "has not begun"),
        ((*RECONCILE, "--from", "2023-06-04", "--to", "2023-06-03"), "is after"),
        ((*RECONCILE, "--from", "2023-06-04", "--days", "3"), "exclude each other"),
        ((*RECONCILE, "--days", "0"), "give a number"),
    ],
)
def test_what_makes_no_sense_starts_nothing(
    telematics: Program, arguments: tuple[str, ...], message: str
) -> None:
    machines = Machines()
    ended = telematics(*arguments, stack=stack(machines=machines))
    assert ended.code == 2
    assert message in ended.err
    assert not machines.started


def test_a_provider_without_keys_is_said_before_anything_is_started(telematics: Program) -> None:
    machines = Machines()
    given = deployed(machines=machines, secrets=Secrets("{}"))
    ended = telematics(*RECONCILE, stack=given)
    assert ended.code == 1
    assert "telematics configure move" in ended.err
    assert not machines.started


def test_rows_of_earlier_runs_do_not_count() -> None:
    earlier = [batch(0, after_seconds=-60, listed=7), batch(1, after_seconds=-50, listed=7)]
    run = work(stack(earlier, [batch(0), earlier[1]], [batch(0), batch(1)]))
    assert [step.batches_done for step in run.follow()][:4] == [0, 0, 0, 1]
    assert run.progress.found is not None
    assert run.progress.found["listed"] == 200


def test_a_run_over_midnight_is_followed_into_the_next_day() -> None:
    run = work(
        stack([batch(0, day=DAY + timedelta(days=1)), batch(1, day=DAY + timedelta(days=1))])
    )
    assert list(run.follow())[-1].batches_done == 2


def test_it_waits_until_what_was_asked_for_is_loaded() -> None:
    depths = {"queue/enrich": 2, "queue/merge": 1}
    clock = Clock()
    run = work(stack(BOTH, queues=Queues(depths)), clock)
    seen: list[Progress] = []
    for step in run.follow():
        seen.append(step)
        if clock.seconds > 10:
            depths["queue/enrich"] = 0
        if clock.seconds > 20:
            depths["queue/merge"] = 0
    assert clock.seconds >= 20 + settling.IDLE_SECONDS
    assert (seen[-1].asking, seen[-1].loading) == (0, 0)
    assert run.is_settled


def test_where_notifications_keep_coming_it_ends_all_the_same(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    busy = stack(BOTH, queues=Queues({"queue/enrich": 1}))
    run = work(busy, clock)
    list(run.follow())
    assert not run.is_settled
    assert settling.LONGEST_SETTLING_SECONDS <= clock.seconds < 1_300
    monkeypatch.setattr(settling, "LONGEST_SETTLING_SECONDS", 0)
    ended = telematics(*RECONCILE, stack=stack(BOTH, queues=Queues({"queue/enrich": 1})))
    assert ended.code == 0
    assert "still work in the queues" in ended.err


@pytest.mark.parametrize(("waiting", "minutes"), [(0, 5), (1, 20)])
def test_it_gives_up_on_batches_that_never_come_back(waiting: int, minutes: int) -> None:
    clock = Clock()
    run = work(stack([batch(0)], queues=Queues({"queue/enrich": waiting})), clock)
    list(run.follow())
    assert run.stuck
    assert minutes * 60 <= clock.seconds < minutes * 60 + 10


def test_batches_that_never_come_back_end_with_where_to_look(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "QUIET_SECONDS", 0)
    given = stack([batch(0)], queues=Queues({"dead/enrich": 1}))
    ended = telematics(*RECONCILE, "--json", stack=given)
    assert ended.code == 3
    assert json.loads(ended.out)["complete"] is False
    assert "1 of 2 batches" in ended.err
    assert "dead letters of enrich (there are 1)" in ended.err


def test_nobody_known_is_no_failure(telematics: Program) -> None:
    nobody = {**PLAN, "people": 0, "batches": 0, "unfinished": 0}
    ended = telematics(*RECONCILE, stack=stack([], plan=nobody))
    assert ended.code == 0
    assert "0 users" in ended.out
    assert "100.00%" in ended.out
    assert "notifications" not in ended.out


def test_a_machine_that_failed_says_why() -> None:
    machines = Machines(states=("FAILED",), cause="no such table")
    with pytest.raises(CommandError, match=r"no such table.*begins anew"):
        list(work(stack(machines=machines)).follow())


def test_interrupted_it_says_that_it_goes_on(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(**_: str) -> None:
        raise KeyboardInterrupt

    machines = Machines()
    monkeypatch.setattr(machines, "describe_execution", interrupt)
    ended = telematics(*RECONCILE, stack=stack(machines=machines))
    assert ended.code == 130
    assert "goes on in the stack" in ended.err


def test_its_name_says_when_it_was_started() -> None:
    machines = Machines(output=json.dumps(PLAN))
    run = work(stack(BOTH, machines=machines))
    run.now = lambda: datetime(2023, 6, 6, 8, 30, tzinfo=UTC)
    list(run.follow())
    assert machines.started[0]["name"] == "reconcile-20230606T083000"
