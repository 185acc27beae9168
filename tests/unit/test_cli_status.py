"""`telematics status`: its JSON is a contract, its tables are for people."""

import json
from datetime import date

from infra.cli.status import queues
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import Queues, deployed, row

__all__ = ["telematics"]

FIRST, SECOND = date(2023, 6, 4), date(2023, 6, 5)
ROWS = [
    row(FIRST, "badges", "quarantined", error="no header", rows=0, quarantined=1),
    row(FIRST, "transports", "loaded", rows=5, quarantined=2, loaded_at="2023-06-05T06:00:01.250Z"),
    row(SECOND, "badges", "loaded", rows=5, loaded_at="2023-06-06T06:00:07.500Z"),
    row(SECOND, "feedback", "failed", error="Sentiance answered 500"),
    row(SECOND, "groups", "listed"),
    row(SECOND, "transports", "stored"),
]


def test_the_json_is_what_scripts_rely_on(telematics: Program) -> None:
    depths = Queues({"queue/convert": 2, "dead/functions": 1})
    ended = telematics("status", "--json", stack=deployed(ROWS, queues=depths))
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "providers": {
            "sentiance": {
                "listed": 6,
                "stored": 4,
                "loaded": 2,
                "quarantined": 3,
                "missing": [
                    "2023-06-04/badges/badges.csv.gz",
                    "2023-06-05/feedback/feedback.csv.gz",
                    "2023-06-05/groups/groups.csv.gz",
                    "2023-06-05/transports/transports.csv.gz",
                ],
                "completeness": 2 / 6,
                "newest": "2023-06-06T06:00:07Z",
            }
        },
        "webhooks": {},
        "queues": {
            "convert": {"waiting": 2, "dead": 0},
            "functions": {"waiting": 0, "dead": 1},
        },
        "tasks": {},
        "users": {},
    }


def test_json_may_be_asked_for_before_the_command_too(telematics: Program) -> None:
    assert json.loads(telematics("--json", "status", stack=deployed(ROWS)).out)["providers"]


def test_an_empty_ledger_is_complete(telematics: Program) -> None:
    ended = telematics("status", "--json", stack=deployed([]))
    found = json.loads(ended.out)["providers"]["sentiance"]
    assert found["completeness"] == 1.0
    assert found["newest"] is None
    assert "never" in telematics("status", stack=deployed([])).out


def test_days_can_be_chosen(telematics: Program) -> None:
    ended = telematics("status", "--json", "--to", "2023-06-04", stack=deployed(ROWS))
    assert json.loads(ended.out)["providers"]["sentiance"]["listed"] == 2


def test_the_table_says_why_each_file_is_missing_and_how_to_fetch_it(telematics: Program) -> None:
    shown = telematics("status", stack=deployed(ROWS)).out
    for reason in (
        "no header",
        "Sentiance answered 500",
        "not fetched yet",
        "waiting to be loaded",
    ):
        assert reason in shown
    assert "33.3%" in shown
    assert "telematics fetch sentiance --from 2023-06-05 --to 2023-06-05" in shown


def test_a_queue_is_known_by_either_of_its_outputs() -> None:
    assert queues(deployed()).keys() == {"convert", "functions"}
