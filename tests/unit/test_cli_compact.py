"""`telematics lake compact`: what would be done, or the machine that does it, followed."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.cli import compaction, lake
from infra.cli.compaction import Compaction
from infra.cli.engines import iceberg
from infra.cli.target import Deployment
from telematics.tending.steps import begun
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import OUTPUTS, Machines, deployed
from tests.unit.tended_lake import DAY, NAME, TendedLake

__all__ = ["telematics"]

DONE = {**begun(NAME, quiet_minutes=0), "days": 2, "files": 24, "into": 2, "deleted": 30}
WITH_TENDING = {**OUTPUTS, "TendingMachine": "arn:tending"}
Run = Callable[..., Ended]


@dataclass
class Followed(Machines):
    """They tell of one table that is done."""

    def get_paginator(self, name: str) -> "Followed":
        assert name == "get_execution_history"
        return self

    def paginate(self, **_: object) -> Iterator[Mapping[str, Any]]:
        yield {"events": [{"type": "ExecutionStarted"}]}
        yield {"events": [{"type": "MapIterationSucceeded"}]}


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TendedLake]:
    lake = TendedLake(tmp_path)
    lake.table("quarantine")
    lake.add_files(12)
    monkeypatch.setattr(iceberg, "catalog", lambda deployment: lake.catalog)
    monkeypatch.setattr(compaction, "PAUSE_SECONDS", 0)
    yield lake
    lake.catalog.engine.dispose()


@pytest.fixture
def run(telematics: Program, there: TendedLake) -> Run:
    def call(*arguments: str, machines: Machines | None = None, **told: Any) -> Ended:
        output = json.dumps({"tables": [{**DONE, **told}]})
        stack = _stack(machines or Followed(output=output))
        return telematics("lake", "compact", *arguments, stack=stack)

    return call


def _stack(machines: Machines) -> Deployment:
    return deployed(machines=machines, outputs=WITH_TENDING)


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(run: Run, there: TendedLake) -> None:
    machines = Followed()
    told = json.loads(run("--dry-run", "--json", machines=machines).out)
    assert told == [
        {
            "table": NAME,
            "day": DAY.isoformat(),
            "files": 12,
            "into": 1,
            "rows": 36,
            "bytes": told[0]["bytes"],
        }
    ]
    assert machines.started == []
    assert len(there.files()) == 12
    assert "2023-06-04" in run("--dry-run").out


def test_where_all_is_tidy_a_dry_run_says_so(run: Run, there: TendedLake) -> None:
    there.rewrite()
    ended = run("--dry-run")
    assert (ended.code, ended.err) == (0, "nothing is to be done\n")


def test_all_tables_are_handed_to_the_machine_which_need_not_wait(run: Run) -> None:
    machines = Followed(output=json.dumps({"tables": [DONE]}))
    ended = run(machines=machines)
    assert ended.code == 0
    [started] = machines.started
    assert started["stateMachineArn"] == "arn:tending"
    assert json.loads(started["input"]) == {"tables": ["quarantine", NAME], "quiet_minutes": 0}
    assert "2 days: 24 files became 2" in ended.out


def test_one_table_may_be_chosen_if_there_is_one(run: Run) -> None:
    machines = Followed(output=json.dumps({"tables": [DONE]}))
    run("--table", NAME, machines=machines)
    assert json.loads(machines.started[0]["input"])["tables"] == [NAME]
    ended = run("--table", "nowhere", machines=machines)
    assert ended.code == 2
    assert "no table 'nowhere'" in ended.err
    assert len(machines.started) == 1


def test_the_answer_for_scripts_adds_up_all_tables(run: Run) -> None:
    told = json.loads(run("--json").out)
    assert told.pop("execution").startswith("arn:execution:compact-")
    counts = {"days": 2, "files": 24, "into": 2, "bytes": 0, "overtaken": 0, "deleted": 30}
    assert told == {"tables": [{"table": NAME, **counts}], **counts, "postponed": False}


@pytest.mark.parametrize(
    ("told", "message"),
    [({"is_postponed": True}, "somebody is being erased"), ({"overtaken": 1}, "others wrote to 1")],
)
def test_what_was_left_for_later_is_no_success(
    run: Run, told: Mapping[str, Any], message: str
) -> None:
    ended = run(**told)
    assert ended.code == 3
    assert message in ended.err


def test_a_machine_that_failed_says_why(run: Run) -> None:
    ended = run(machines=Followed(states=["FAILED"], cause="Some tables could not be tended"))
    assert ended.code == 1
    assert "Some tables could not be tended" in ended.err


def test_tables_are_counted_as_they_are_done(there: TendedLake) -> None:
    machines = Followed(output=json.dumps({"tables": [DONE]}))
    work = Compaction(_stack(machines), ["quarantine", NAME], sleep=lambda seconds: None)
    assert [(step.done, step.total) for step in work.follow()] == [(1, 2)]
    assert work.told == [DONE]


def test_the_most_files_of_a_day_that_is_over_are_told(there: TendedLake) -> None:
    there.add_files(3, day=date(2023, 6, 5))
    there.add_files(20, day=there.now.date())
    assert lake.size(NAME, there.table()).most_files == 12
    there.rewrite()
    assert lake.size(NAME, there.table()).most_files == 3
