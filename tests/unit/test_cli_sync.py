"""`telematics sync`: a provider's events, asked for now and followed until they are loaded."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.cli import settling
from infra.cli.exits import CommandError
from infra.cli.synchronization import Progress, Synchronization
from infra.cli.target import Deployment
from tests.unit import dashcam_provider
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import WITH_DASHCAMS, Machines, Queues, Secrets, deployed
from tests.unit.dashcam_provider import DASHCAM
from tests.unit.test_cli_backfill import Clock

__all__ = ["telematics"]

KEYS = json.dumps({"api_key": "k", "email": "lake@insurer.example", "password": "two words"})
DONE = {"more": False, "listed": 12, "new": 7, "open": 2, "stored_files": 20, "failed_files": 0}
SYNC = ("sync", "dashcam")
Run = Callable[..., Ended]


def stack(found: Any = DONE, **clients: Any) -> Deployment:
    machines = clients.pop("machines", None) or Machines(output=json.dumps(found))
    secrets = clients.pop("secrets", None) or Secrets(KEYS)
    return deployed(machines=machines, secrets=secrets, outputs=WITH_DASHCAMS, **clients)


@pytest.fixture
def run(telematics: Program, monkeypatch: pytest.MonkeyPatch) -> Run:
    dashcam_provider.known(monkeypatch)

    def call(*arguments: str, given: Deployment | None = None) -> Ended:
        return telematics(*arguments, stack=given or stack())

    return call


def work(given: Deployment, clock: Clock | None = None) -> Synchronization:
    clock = clock or Clock()
    return Synchronization(given, DASHCAM, {}, clock=clock, sleep=clock.sleep)


def test_it_asks_and_says_what_was_found(run: Run) -> None:
    machines = Machines(output=json.dumps(DONE))
    ended = run(*SYNC, given=stack(machines=machines))
    assert ended.code == 0
    [started] = machines.started
    assert started["stateMachineArn"] == "arn:sync"
    assert started["name"].startswith("sync-")
    assert json.loads(started["input"]) == {}
    for text in ("12 events listed, 7 of them new", "20 files stored", "2 events with files"):
        assert text in ended.out
    assert "could not" not in ended.out


def test_the_answer_for_scripts_is_one_json_object(run: Run) -> None:
    told = json.loads(run(*SYNC, "--json").out)
    assert told.pop("execution").startswith("arn:execution:sync-")
    counts = {name: DONE[name] for name in DONE if name != "more"}
    assert told == {
        "provider": "dashcam",
        "days": {},
        **counts,
        "complete": True,
        "settled": True,
    }


def test_days_are_handed_to_the_machine(run: Run) -> None:
    machines = Machines(output=json.dumps(DONE))
    days = ("--from", "2023-06-01", "--to", "2023-06-07")
    ended = run(*SYNC, *days, given=stack(machines=machines))
    assert json.loads(machines.started[0]["input"]) == {"from": "2023-06-01", "to": "2023-06-07"}
    assert "dashcam 2023-06-01..2023-06-07:" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sync", "sentiance"), "these have: dashcam"),
        ((*SYNC, "--to", "2999-01-01"), "has not begun"),
        ((*SYNC, "--from", "2023-06-04", "--to", "2023-06-03"), "is after"),
    ],
)
def test_what_makes_no_sense_starts_nothing(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    machines = Machines()
    ended = run(*arguments, given=stack(machines=machines))
    assert ended.code == 2
    assert message in ended.err
    assert not machines.started


def test_without_a_provider_that_has_events_it_is_said_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashcam_provider.unknown(monkeypatch)
    ended = run(*SYNC)
    assert ended.code == 2
    assert ended.err.splitlines() == ["telematics: no provider here has events to ask for"]


def test_without_keys_nothing_is_started(run: Run) -> None:
    machines = Machines()
    ended = run(*SYNC, given=stack(machines=machines, secrets=Secrets("{}")))
    assert ended.code == 1
    assert "telematics configure dashcam" in ended.err
    assert not machines.started


def test_files_that_could_not_be_stored_end_with_where_to_look(run: Run) -> None:
    ended = run(*SYNC, "--json", given=stack({**DONE, "failed_files": 3}))
    assert ended.code == 3
    assert json.loads(ended.out)["complete"] is False
    assert "3 files could not be stored" in ended.err
    assert "telematics status" in ended.err


def test_a_run_that_ran_out_of_time_says_that_there_is_more(run: Run) -> None:
    ended = run(*SYNC, given=stack({**DONE, "more": True}))
    assert ended.code == 3
    assert "run this again to go on" in ended.err


@pytest.mark.parametrize("found", [{}, [], {"listed": None, "new": "many"}])
def test_a_machine_that_tells_less_is_no_failure(run: Run, found: Any) -> None:
    ended = run(*SYNC, given=stack(found))
    assert ended.code == 0
    assert "0 events listed" in ended.out


def test_it_waits_until_what_was_asked_for_is_loaded() -> None:
    depths = {"queue/enrich/dashcam": 1, "queue/merge": 5}
    clock = Clock()
    one = work(stack(queues=Queues(depths)), clock)
    seen: list[Progress] = []
    for progress in one.follow():
        seen.append(progress)
        if clock.seconds > 10:
            depths["queue/enrich/dashcam"] = 0
        if clock.seconds > 20:
            depths["queue/merge"] = 0
    assert clock.seconds >= 20 + settling.IDLE_SECONDS
    assert seen[0] == Progress()
    assert seen[-1] == Progress(DONE)
    assert one.is_settled


def test_where_others_keep_bringing_data_it_ends_all_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    one = work(stack(queues=Queues({"queue/merge": 1})), clock)
    list(one.follow())
    assert not one.is_settled
    assert settling.LONGEST_SETTLING_SECONDS <= clock.seconds < 1_300
    monkeypatch.setattr(settling, "LONGEST_SETTLING_SECONDS", 0)
    ended = run(*SYNC, given=stack(queues=Queues({"queue/merge": 1})))
    assert ended.code == 0
    assert "still work in the queues" in ended.err


def test_a_machine_that_failed_says_why() -> None:
    machines = Machines(states=("FAILED",), cause="the account is locked")
    with pytest.raises(CommandError, match=r"account is locked.*goes on from there"):
        list(work(stack(machines=machines)).follow())


def test_interrupted_it_says_that_it_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: str) -> None:
        raise KeyboardInterrupt

    machines = Machines()
    monkeypatch.setattr(machines, "describe_execution", interrupt)
    ended = run(*SYNC, given=stack(machines=machines))
    assert ended.code == 130
    assert "goes on in the stack" in ended.err
