"""What tells operators how it goes: the watch, the dashboard, the archive and the budget."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.archive import PATTERN
from infra.dashboard import KINDS
from infra.prices import idle_bill
from infra.synthesis import ROOT
from telematics import events
from telematics.attention.problem import Kind
from telematics.catalog import PROVIDERS
from tests.infra.template import Template, flat, listed, referred

METRICS_AT_MOST = 50  # with more, an account's first three dashboards are not free
PERSON = "driver-0001"


def watch(template: Template) -> Mapping[str, Any]:
    return template.named("WatchDesk", "AWS::Lambda::Function")


def widgets(template: Template) -> list[dict[str, Any]]:
    """Each widget's properties; what CloudFormation fills in is left as text."""
    body = flat(template.one("AWS::CloudWatch::Dashboard")["DashboardBody"])
    return [one["properties"] for one in json.loads(body)["widgets"]]


def shown(template: Template) -> list[tuple[str, ...]]:
    """The metrics: namespace, name, dimensions."""
    return [
        tuple(part for part in metric if isinstance(part, str))
        for widget in widgets(template)
        for metric in widget.get("metrics", ())
    ]


def test_the_watch_looks_every_hour(template: Template) -> None:
    schedule = template.named("WatchDesk", "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "cron(0 * * * ? *)"
    assert "WatchDesk" in referred(schedule["Target"]["Arn"])


def test_the_watch_sees_every_provider_and_every_queue_of_dead_letters(
    template: Template,
) -> None:
    variables = watch(template)["Environment"]["Variables"]
    assert set(json.loads(flat(variables["WATCHED_SECRETS"]))) == set(template.providers)
    letters = [url for id, url in template.body["Outputs"].items() if id.startswith("DeadLetters")]
    seen = json.loads(flat(variables["WATCHED_LETTERS"])).values()
    assert sorted(seen) == sorted(f"<{referred(url['Value'])}>" for url in letters)


def test_the_watch_changes_nothing_but_its_own_notes(template: Template) -> None:
    changes = [
        statement
        for statement in template.statements(referred(watch(template)["Role"]))
        if "dynamodb:UpdateItem" in listed(statement["Action"])
    ]
    [only] = (one["Condition"] for one in changes)
    assert only == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["notice-*"]}}


def test_the_watch_reads_no_secret(template: Template) -> None:
    may = [
        action
        for statement in template.statements(referred(watch(template)["Role"]))
        for action in listed(statement["Action"])
    ]
    assert "secretsmanager:GetSecretValue" not in may


def test_its_schedule_may_call_the_watch_alone(template: Template) -> None:
    schedule = template.named("WatchDesk", "AWS::Scheduler::Schedule")
    called = [
        referred(resource)
        for statement in template.statements(referred(schedule["Target"]["RoleArn"]))
        if "lambda:InvokeFunction" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]
    assert called == [referred(schedule["Target"]["Arn"])]


def test_the_dashboard_names_the_runbook(template: Template) -> None:
    assert template.one("AWS::CloudWatch::Dashboard")["DashboardName"] == "telematics"
    assert any("docs/runbook.md" in one.get("markdown", "") for one in widgets(template))


def test_the_dashboard_shows_every_alarm(template: Template) -> None:
    [status] = (one for one in widgets(template) if "alarms" in one)
    assert {one.strip("<>").split(".")[0] for one in status["alarms"]} == set(template.alarms)


def test_the_dashboard_shows_what_operators_ask_for(template: Template) -> None:
    titles = {one.get("title") for one in widgets(template)}
    assert titles >= {
        *("What needs an operator", "Intake by provider", "Webhooks", "Waiting messages"),
        *("Age of the oldest message, seconds", "Dead letters", "Rows", "Still to come"),
        *("Reconciliation, percent", "Clips", "Collisions", "Erasures", "Errors of functions"),
        *("Duration of calls, 95 of 100, milliseconds", "Bytes that Athena read"),
    }


def test_each_provider_that_sends_or_is_fetched_is_in_the_intake(aws: Template) -> None:
    [intake] = (one for one in widgets(aws) if one.get("title") == "Intake by provider")
    labels = " ".join(metric[-1]["label"] for metric in intake["metrics"])
    assert all(one.title in labels for one in PROVIDERS.values())


def test_the_dashboard_has_no_more_metrics_than_are_free(aws: Template) -> None:
    assert 0 < len(shown(aws)) <= METRICS_AT_MOST


def test_every_metric_of_ours_on_the_dashboard_is_one_that_its_function_publishes(
    aws: Template,
) -> None:
    ours = [one for one in shown(aws) if one[0] == "Telematics"]
    assert ours
    for _, name, _, service in ours:
        source = (ROOT / "functions" / f"{service}.py").read_text()
        watched = service == "watch_desk" and name in {kind.metric for kind in KINDS}
        assert watched or f'"{name}"' in source, (name, service)


def test_every_kind_of_problem_that_the_watch_tells_of_is_on_the_dashboard() -> None:
    assert set(Kind) - set(KINDS) == {Kind.OLD_MESSAGES}


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """As EventBridge does, as far as our pattern goes."""
    if "$or" in pattern:
        return any(matches(one, event) for one in pattern["$or"])
    return all(
        matches(wanted, event.get(name, {}))
        if isinstance(wanted, dict)
        else any(_is(one, name, event) for one in wanted)
        for name, wanted in pattern.items()
    )


def _is(wanted: object, name: str, event: Mapping[str, Any]) -> bool:
    if isinstance(wanted, dict):
        return (name in event) is wanted["exists"]
    return event.get(name) == wanted


def named(kind: type[events.Event], **facts: object) -> dict[str, Any]:
    """An event on the bus; whatever it has in words names somebody."""
    words = {
        name: PERSON
        for name, field in kind.model_fields.items()
        if field.annotation in (str, str | None)
    }
    return {"detail-type": kind.detail_type, "detail": {**words, **facts}}


POINTERS: Mapping[type[events.Event], set[str]] = {
    events.OffloadStored: {"provider", "dataset", "raw_key", "sha256", "etag"},
    events.OffloadDayComplete: {"provider"},
    events.TimelineReceived: {"provider", "raw_key", "sha256"},
}
HASHES = {"subject", "status", "erasure_id", "sha256"}
USER_EVENTS: tuple[type[events.Event], ...] = (
    events.UserRegistered,
    events.UserBlocked,
    events.UserUnblocked,
    events.UserErasureRequested,
    events.UserErased,
)
EVERY = [one for kind in (events.Detail, events.UserChanged) for one in kind.__subclasses__()]


def test_the_archive_keeps_what_is_pointers_and_keyed_hashes() -> None:
    for kind in (*POINTERS, *USER_EVENTS):
        assert matches(PATTERN, named(kind))
        words = {
            name for name, one in kind.model_fields.items() if one.annotation in (str, str | None)
        }
        assert words <= POINTERS.get(kind, HASHES), kind


@pytest.mark.parametrize("kind", [one for one in EVERY if one not in (*POINTERS, *USER_EVENTS)])
def test_the_archive_keeps_nothing_that_somebody_wrote(kind: type[events.Event]) -> None:
    assert not matches(PATTERN, named(kind, user_id=PERSON, missing=[{"reason": PERSON}]))


def test_the_archive_keeps_a_request_that_is_a_pointer_and_an_answer_without_a_reason() -> None:
    collision = {"provider": "zendrive", "collision_id": "collision-1"}
    ours = {"detail-type": "Collision Requested", "detail": collision}
    assert matches(PATTERN, ours)
    assert not matches(PATTERN, {**ours, "detail": {**collision, "user_id": PERSON}})
    assert not matches(PATTERN, {**ours, "detail": {"user_id": PERSON}})
    assert matches(PATTERN, named(events.CollisionReceived, reason=""))
    assert matches(PATTERN, named(events.ClipStored, state="stored"))
    assert not matches(PATTERN, named(events.ClipStored, state="partly_stored"))


def test_the_archive_is_the_bus_s_for_thirty_days_unless_somebody_says_otherwise(
    aws: Template, sandbox: Template
) -> None:
    archive = aws.one("AWS::Events::Archive")
    assert archive["EventPattern"] == PATTERN
    assert referred(archive["SourceArn"]) in aws.of_type("AWS::Events::EventBus")
    assert archive["RetentionDays"] == {"Ref": "EventArchiveDays"}
    assert aws.body["Parameters"]["EventArchiveDays"]["Default"] == 30
    assert not sandbox.of_type("AWS::Events::Archive")


def test_the_owner_hears_of_spend_before_the_budget_is_used_up(
    aws: Template, sandbox: Template
) -> None:
    budget = aws.one("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    assert aws.body["Parameters"]["MonthlyBudgetUsd"]["Default"] == 300
    [topic] = aws.of_type("AWS::SNS::Topic")
    told = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"])
        for one in budget["NotificationsWithSubscribers"]
        if one["Subscribers"] == [{"Address": {"Ref": topic}, "SubscriptionType": "SNS"}]
    }
    assert told == {("ACTUAL", 80), ("FORECASTED", 100)}
    assert not sandbox.of_type("AWS::Budgets::Budget")


def test_the_readme_tells_what_make_cost_prints(aws: Template) -> None:
    bill = idle_bill(aws.body)
    readme = (ROOT / "README.md").read_text()
    for line in bill:
        counted = f" {line.count} | {line.each_usd if line.usd else 0:.2f} | {line.usd:.2f} |"
        assert counted in readme, line
    assert f"| **{sum(line.usd for line in bill):.2f}** |" in readme
