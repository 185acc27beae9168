"""`telematics fetch`, as the shell sees it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from infra.cli import backfill
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import Item, Machines, Queues, Secrets, deployed, row

__all__ = ["telematics"]

DAY = date(2023, 6, 4)
FETCH = ("fetch", "sentiance", "--from", "2023-06-04", "--to", "2023-06-04")
REPUBLISHED = "the provider announces another size"


def loaded(dataset: str, quarantined: int = 0) -> Item:
    return row(DAY, dataset, "loaded", rows=10, quarantined=quarantined)


def test_all_loaded_is_success(telematics: Program) -> None:
    ended = telematics(*FETCH, stack=deployed([loaded("transports"), loaded("badges", 2)]))
    assert ended.code == 0
    assert "2 files listed, 2 stored, 2 loaded: 20 rows" in ended.out
    assert "2 rows could not be read" in ended.out


def test_holes_are_named_with_their_reasons_and_the_way_on(telematics: Program) -> None:
    failed = row(DAY, "badges", "failed", error=REPUBLISHED)
    ended = telematics(*FETCH, stack=deployed([loaded("transports"), failed]))
    assert ended.code == 3
    assert "2023-06-04/badges/badges.csv.gz" in ended.out
    assert REPUBLISHED in ended.out
    assert "1 of 2 files" in ended.err
    assert "telematics fetch sentiance --from 2023-06-04 --to 2023-06-04" in ended.err


def test_the_summary_for_scripts_is_one_json_object(telematics: Program) -> None:
    unreadable = row(DAY, "badges", "quarantined", error="no header")
    ended = telematics(*FETCH, "--json", stack=deployed([loaded("transports"), unreadable]))
    assert ended.code == 3
    assert json.loads(ended.out) == {
        "provider": "sentiance",
        "first": "2023-06-04",
        "last": "2023-06-04",
        "listed": 2,
        "stored": 2,
        "loaded": 1,
        "rows": 10,
        "quarantined": 0,
        "missing": [
            {
                "file": "2023-06-04/badges/badges.csv.gz",
                "state": "quarantined",
                "reason": "no header",
            }
        ],
        "executions": json.loads(ended.out)["executions"],
        "stuck": False,
        "dead_letters": 0,
        "resume": "telematics fetch sentiance --from 2023-06-04 --to 2023-06-04",
        "complete": False,
    }


def test_a_file_that_never_loads_ends_with_where_to_look(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "QUIET_SECONDS", 0)
    stuck = [row(DAY, "transports", "stored")]
    ended = telematics(*FETCH, stack=deployed(stuck, queues=Queues({"dead/convert": 1})))
    assert ended.code == 3
    assert "look at the dead letters of convert (there are 1)" in ended.err


def test_nothing_listed_is_said_and_no_failure(telematics: Program) -> None:
    ended = telematics(*FETCH, stack=deployed([]))
    assert (ended.code, ended.out) == (0, "sentiance 2023-06-04..2023-06-04: no files are listed\n")


def test_without_dates_it_is_the_last_three_complete_days(telematics: Program) -> None:
    machines = Machines()
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    assert telematics("fetch", "sentiance", stack=deployed([], machines=machines)).code == 0
    assert json.loads(machines.started[0]["input"]) == {
        "from": str(yesterday - timedelta(days=2)),
        "to": str(yesterday),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fetch", "sentiance", "--from", "2023-06-05", "--to", "2023-06-04"), "is after"),
        (("fetch", "sentiance", "--from", "yesterday"), "write it as YYYY-MM-DD"),
        (("fetch", "sentiance", "--to", "2999-01-01"), "not over yet"),
        (("fetch", "weather"), "offloads come from sentiance"),
        (("fetch",), "Missing argument"),
        (("fetch", "sentiance", "--since", "2023"), "No such option"),
        (("fetch", "sentiance", "--days", "few"), "--days"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_started(
    telematics: Program, arguments: tuple[str, ...], message: str
) -> None:
    machines = Machines()
    ended = telematics(*arguments, stack=deployed(machines=machines))
    assert ended.code == 2
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not machines.started


def test_a_provider_without_keys_is_said_before_anything_is_started(telematics: Program) -> None:
    machines = Machines()
    stack = deployed(machines=machines, secrets=Secrets("{}"))
    ended = telematics(*FETCH, stack=stack)
    assert ended.code == 1
    assert "telematics configure sentiance --file secret.json" in ended.err
    assert not machines.started


def test_an_operator_who_may_not_read_the_keys_may_still_fetch(telematics: Program) -> None:
    secrets = Secrets(refusal="AccessDeniedException")
    assert telematics(*FETCH, stack=deployed([], secrets=secrets)).code == 0


def test_no_wait_starts_it_and_says_how_to_follow(telematics: Program) -> None:
    ended = telematics(*FETCH, "--no-wait", stack=deployed())
    assert ended.code == 0
    assert ended.out.startswith("arn:execution:fetch-2023-06-04-2023-06-04-")
    assert "telematics status --from 2023-06-04 --to 2023-06-04" in ended.err
    long = ("fetch", "sentiance", "--from", "2023-01-01", "--to", "2023-03-31", "--no-wait")
    assert telematics(*long, stack=deployed()).code == 2


def test_interrupted_it_says_what_goes_on_without_us(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(**_: str) -> None:
        raise KeyboardInterrupt

    machines = Machines()
    monkeypatch.setattr(machines, "describe_execution", interrupt)
    year = ("fetch", "sentiance", "--from", "2023-01-01", "--to", "2023-12-31")
    ended = telematics(*year, stack=deployed(machines=machines))
    assert ended.code == 130
    assert "2023-01-01..2023-01-31 goes on in the stack" in ended.err
    assert "2023-02-01..2023-12-31 was not started" in ended.err
    assert "telematics status --from 2023-01-01" in ended.err
