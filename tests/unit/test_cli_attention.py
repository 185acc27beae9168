"""`telematics status`, of what needs somebody: told as the stack's own watch tells it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.cli.attention import TENDING
from infra.cli.target import Deployment
from telematics.attention.notices import PREFIX
from telematics.attention.problem import Kind, Problem
from telematics.moments import stamp
from tests.unit import dashcam_provider
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import (
    OUTPUTS,
    WITH_DASHCAMS,
    Item,
    Machines,
    Queues,
    Secrets,
    Tasks,
    deployed,
    row,
)
from tests.unit.fakes import refusal
from tests.unit.user_world import NOW, UserWorld

__all__ = ["telematics"]


@pytest.fixture
def with_dashcams(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    dashcam_provider.known(monkeypatch)
    return deployed([], tasks=Tasks(), outputs=WITH_DASHCAMS)


def near(hours: float) -> Item:
    """A clip that is open, and whose time is up in so many hours."""
    now = datetime.now(UTC)
    return {
        "task_id": "clip-1",
        "state": "pending",
        "open": "clip",
        "provider": "dashcam",
        "requested_at": (now - timedelta(hours=70)).isoformat().replace("+00:00", "Z"),
        "deadline_at": (now + timedelta(hours=hours)).isoformat().replace("+00:00", "Z"),
    }


def test_what_needs_somebody_comes_first_with_what_helps(
    telematics: Program, with_dashcams: Deployment
) -> None:
    expires = datetime.now(UTC).date() + timedelta(days=10)
    secrets = Secrets(tags={"telematics:keys-expire-on": expires.isoformat()})
    vars(with_dashcams).update(tasks=Tasks([[near(2)]]), secrets=secrets)
    found = json.loads(telematics("status", "--json", stack=with_dashcams).out)["attention"]
    assert [one["kind"] for one in found] == ["clip_deadline_near", *["key_expires"] * 3]
    assert found[0]["command"] == "telematics clip show clip-1"
    assert datetime.fromisoformat(found[0]["since"]) < datetime.now(UTC)
    shown = telematics("status", stack=with_dashcams).out
    assert shown.startswith("attention")
    assert "telematics configure move --file secret.json" in shown
    assert f"good until {expires}" in shown


def test_nothing_amiss_is_nothing_shown(telematics: Program) -> None:
    shown = telematics("status", stack=deployed([])).out
    assert not shown.startswith("attention")
    assert "runbook" not in shown


def test_since_when_there_are_dead_letters_is_what_the_watch_has_seen(
    telematics: Program, with_dashcams: Deployment
) -> None:
    problem = Problem(Kind.DEAD_LETTERS, "functions", "", "")
    seen = {"since": "2023-06-05T09:00:00.000Z", "seen_at": stamp(datetime.now(UTC))}
    noted = {"task_id": f"{PREFIX}{problem.digest}", **seen}
    vars(with_dashcams).update(
        tasks=Tasks([[noted]]), queues=Queues({"dead/functions": 1}), secrets=Secrets()
    )
    found = json.loads(telematics("status", "--json", stack=with_dashcams).out)
    assert [one["since"] for one in found["attention"]] == ["2023-06-05T09:00:00Z"]
    assert found["tasks"] == {}


class OldMessages:
    """CloudWatch, of a queue that stands still."""

    def get_metric_statistics(self, **_: object) -> object:
        return {"Datapoints": [{"Timestamp": datetime.now(UTC), "Maximum": 10_800.0}]}


def test_on_aws_messages_that_wait_for_hours_are_told_of(
    telematics: Program, with_dashcams: Deployment
) -> None:
    vars(with_dashcams).update(endpoint=None, metrics=OldMessages())
    shown = telematics("status", stack=with_dashcams).out
    assert "convert: its oldest message has waited for 3.0 hours" in shown
    assert ["merge", "0", "0", "180", "minutes"] in [line.split() for line in shown.splitlines()]


class Untold(Secrets):
    def describe_secret(self, **_: object) -> Mapping[str, Any]:
        raise refusal("AccessDeniedException", "DescribeSecret")


def test_who_may_not_look_at_secrets_sees_all_the_rest(telematics: Program) -> None:
    ended = telematics(
        "status", "--json", stack=deployed([row(NOW.date(), "badges", "listed")], secrets=Untold())
    )
    assert ended.code == 0
    assert json.loads(ended.out)["providers"]["sentiance"]["listed"] == 1
    assert "may not look at the secrets" in ended.err


def test_an_erasure_that_is_under_way_is_shown_with_its_age_and_without_a_name(
    telematics: Program,
) -> None:
    world = UserWorld()
    world.directory.add("anna-0001", now=NOW)
    world.directory.erase("anna-0001", now=datetime.now(UTC) - timedelta(days=21))
    stack = deployed([], users=world.table, outputs={**OUTPUTS, "UsersTable": "users"})
    shown = telematics("status", stack=stack).out
    assert "1, the oldest asked for 21 days ago" in shown
    assert "1 person has waited for their erasure for up to 21 days" in shown
    assert "anna" not in shown


def test_when_the_lake_was_last_tended_is_shown(telematics: Program) -> None:
    class Tended(Machines):
        def list_executions(self, **asked: object) -> Mapping[str, Any]:
            assert asked["statusFilter"] == "SUCCEEDED"
            return {"executions": [{"stopDate": datetime.now(UTC) - timedelta(hours=5, minutes=5)}]}

    outputs = {**OUTPUTS, TENDING: "arn:tend"}
    shown = telematics("status", stack=deployed([], machines=Tended(), outputs=outputs)).out
    assert ["lake", "tended", "5", "hours", "ago"] in [line.split() for line in shown.splitlines()]
