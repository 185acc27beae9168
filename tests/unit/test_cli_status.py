"""`telematics status`: its JSON is a contract, its tables are for people."""

import json
from datetime import date

import pytest

from infra.cli.status import queues
from infra.cli.target import Deployment
from tests.unit import dashcam_provider
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import (
    OUTPUTS,
    WEBHOOKS,
    WITH_DASHCAMS,
    Item,
    Queues,
    Secrets,
    Tasks,
    deployed,
    row,
)
from tests.unit.user_world import NOW, UserWorld

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


NOTHING = {
    "listed": 0,
    "stored": 0,
    "loaded": 0,
    "quarantined": 0,
    "missing": [],
    "completeness": 1.0,
    "newest": None,
}


def test_the_json_is_what_scripts_rely_on(
    telematics: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashcam_provider.unknown(monkeypatch)
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
            },
            "move": NOTHING,
            "zendrive": NOTHING,
        },
        "webhooks": WEBHOOKS,
        "queues": {
            "convert": {"waiting": 2, "dead": 0},
            "enrich_move": {"waiting": 0, "dead": 0},
            "functions": {"waiting": 0, "dead": 1},
            "merge": {"waiting": 0, "dead": 0},
        },
        "tasks": {},
        "users": {},
        "attention": [
            {
                "kind": "dead_letters",
                "what": "functions: 1 message waits among its dead letters",
                "since": None,
                "command": "telematics redrive functions --dry-run",
            }
        ],
    }


TASKS = [
    [{"task_id": "clip-1", "state": "pending"}, {"task_id": "idem-a", "digest": "a"}],
    [],
    [
        {"task_id": "clip-2", "state": "stored"},
        {"task_id": "clip-3", "state": "pending"},
        {"task_id": "idem-b"},
        {"task_id": "callback-c", "for": "collision-1"},
        {"task_id": "odd-1"},
    ],
]


@pytest.fixture
def with_dashcams(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    dashcam_provider.known(monkeypatch)
    events = [
        row(SECOND, "events", "listed", provider="dashcam", name="e-1.json"),
        row(SECOND, "events", "loaded", provider="dashcam", name="e-2.json"),
        row(SECOND, "messages", "quarantined", provider="dashcam", name="m.json", quarantined=1),
    ]
    return deployed(events, tasks=Tasks(TASKS), outputs=WITH_DASHCAMS)


def test_tasks_are_counted_by_state_and_keys_of_requests_are_none(
    telematics: Program, with_dashcams: Deployment
) -> None:
    found = json.loads(telematics("status", "--json", stack=with_dashcams).out)
    assert found["tasks"] == {"pending": 2, "stored": 1, "unknown": 1}
    lines = [line.split() for line in telematics("status", stack=with_dashcams).out.splitlines()]
    assert ["pending", "2"] in lines


def test_people_are_counted_by_status(telematics: Program) -> None:
    world = UserWorld()
    for one in ("anna", "bert", "cleo"):
        world.directory.add(one, now=NOW)
    world.directory.block("bert", now=NOW)
    stack = deployed([], users=world.table, outputs={**OUTPUTS, "UsersTable": "users"})
    found = json.loads(telematics("status", "--json", stack=stack).out)
    assert found["users"] == {"active": 2, "blocked": 1}
    assert "blocked" in telematics("status", stack=stack).out


def test_a_stack_without_tasks_shows_none(telematics: Program) -> None:
    assert "tasks" not in telematics("status", stack=deployed([])).out


KEPT = '{"webhook_secret": "throwaway-1"}'


@pytest.mark.parametrize(
    ("secret", "endpoint", "ending"),
    [
        (KEPT, "http://127.0.0.1:1", "/webhooks/dashcam/throwaway-1"),
        (KEPT, None, "/webhooks/dashcam/{token}"),
        ("{}", "http://127.0.0.1:1", "/webhooks/dashcam/{token}"),
        ("not JSON", "http://127.0.0.1:1", "/webhooks/dashcam/{token}"),
    ],
)
def test_the_token_of_an_address_is_shown_to_scripts_in_the_sandbox_alone(
    telematics: Program,
    with_dashcams: Deployment,
    secret: str,
    endpoint: str | None,
    ending: str,
) -> None:
    vars(with_dashcams).update(secrets=Secrets(secret), endpoint=endpoint)
    found = json.loads(telematics("status", "--json", stack=with_dashcams).out)["webhooks"]
    assert found["dashcam/messages"].endswith(ending)
    assert found["dashcam/signed_messages"].endswith("/webhooks/dashcam")
    assert found["move/timeline"].endswith("/webhooks/move/timeline")
    assert "throwaway-1" not in telematics("status", stack=with_dashcams).out


def test_events_that_are_not_there_are_asked_for_by_sync(
    telematics: Program, with_dashcams: Deployment
) -> None:
    shown = telematics("status", stack=with_dashcams).out
    assert "telematics sync dashcam --from 2023-06-05 --to 2023-06-05" in shown
    found = json.loads(telematics("status", "--json", stack=with_dashcams).out)["providers"]
    assert found["dashcam"]["missing"] == ["2023-06-05/events/e-1.json"]


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
    assert queues(deployed()).keys() == {"convert", "enrich_move", "functions", "merge"}


def of_move(dataset: str, name: str, state: str, day: date = FIRST, **more: object) -> Item:
    return row(day, dataset, state, provider="move", name=f"{name}.json", **more)


NOTIFIED = [
    of_move("timeline", "a", "loaded", items=100, pending=[3, 7], refused={"unknown": 2}),
    of_move("timeline", "b", "loaded", items=0),
    of_move(
        "timeline", "c", "stored", items=50, pending=[], refused={"forbidden": 5, "unknown": 1}
    ),
    of_move("timeline", "d", "stored", SECOND),
    of_move("notifications", "e", "loaded", loaded_at="2023-06-05T06:00:00Z"),
    of_move("timeline_items", "f", "quarantined", quarantined=1, error="no envelope"),
]
RUNS = [
    of_move("reconciliation", "00000", "loaded", listed=10, missed=9, late=0, changed=0),
    of_move(
        "reconciliation", "00000", "loaded", SECOND, loaded_at="2023-06-05T03:00:09.5Z",
        listed=150, missed=2, late=1, changed=3,
    ),
    of_move(
        "reconciliation", "00001", "loaded", SECOND, loaded_at="2023-06-05T03:00:07Z",
        listed=50, missed=0, late=1, changed=0,
    ),
    of_move("reconciliation", "00002", "loaded", SECOND),
]  # fmt: skip


def test_a_notification_weighs_as_much_as_it_tells_of(telematics: Program) -> None:
    ended = telematics("status", "--json", stack=deployed([*NOTIFIED, *RUNS]))
    found = json.loads(ended.out)["providers"]["move"]
    assert (found["listed"], found["stored"], found["loaded"]) == (6, 6, 3)
    assert found["missing"] == [
        "2023-06-04/timeline/a.json",
        "2023-06-04/timeline/c.json",
        "2023-06-05/timeline/d.json",
        "2023-06-04/timeline_items/f.json",
    ]
    assert found["completeness"] == (98 + 0 + 0 + 0 + 1 + 0) / (100 + 0 + 50 + 1 + 1 + 1)
    assert found["newest"] == "2023-06-05T06:00:00Z"
    assert found["refused"] == {"forbidden": 5, "unknown": 3}


def test_the_newest_reconciliation_is_summed_up_and_is_no_file(telematics: Program) -> None:
    found = json.loads(telematics("status", "--json", stack=deployed(RUNS)).out)
    assert found["providers"]["move"]["listed"] == 0
    assert found["providers"]["move"]["reconciliation"] == {
        "at": "2023-06-05T03:00:09Z",
        "percent": 98.0,
        "listed": 200,
        "missed": 2,
        "late": 2,
        "changed": 3,
    }


def test_a_reconciliation_that_found_nothing_listed_is_complete(telematics: Program) -> None:
    nothing = of_move("reconciliation", "00000", "loaded", listed=0, missed=0, late=0, changed=0)
    found = json.loads(telematics("status", "--json", stack=deployed([nothing])).out)
    assert found["providers"]["move"]["reconciliation"]["percent"] == 100.0


def test_people_see_what_is_pending_what_was_refused_and_how_it_was_reconciled(
    telematics: Program,
) -> None:
    shown = telematics("status", stack=deployed([*NOTIFIED, *RUNS])).out
    for text in (
        "2 of 100 details are still to come",
        "98.00%",
        "2023-06-05T03:00:09Z",
        WEBHOOKS["move/timeline"],
        "telematics reconcile move",
    ):
        assert text in shown
    assert ["move", "forbidden", "5"] in [line.split() for line in shown.splitlines()]
    assert "telematics fetch" not in shown


def test_without_anything_of_the_kind_there_are_no_such_tables(telematics: Program) -> None:
    shown = telematics("status", stack=deployed([])).out
    for text in ("reconciled", "refused", "missing", "reconcile move"):
        assert text not in shown
