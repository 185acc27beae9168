"""How all of it goes, on one page of CloudWatch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.function import TelematicsFunction
from infra.http_api import HttpApi
from infra.machine import Machine
from infra.monitoring import Alarms
from infra.queues import DeadLetters, WorkQueue
from telematics.attention.problem import RUNBOOK, Kind

PERIOD = Duration.minutes(5)
COLUMNS, HEIGHT = 3, 6
KINDS = [kind for kind in Kind if kind is not Kind.OLD_MESSAGES]  # these have alarms of their own
TEXT = f"""\
**Telematics Lake.** `telematics status` says the same in words, with what helps; what to do about
each alarm is in the runbook, `{RUNBOOK}`. Spend: AWS Budgets, `telematics`."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is shown, by the names that operators know it by."""

    intake: Mapping[str, TelematicsFunction]
    slow: Mapping[str, TelematicsFunction]
    queues: Mapping[str, WorkQueue]
    dead_letters: Mapping[str, DeadLetters]
    webhooks: HttpApi
    erasure: Machine
    workgroup: str


class Dashboard(Construct):
    """At most fifty metrics: with more, an account's first three dashboards are not free."""

    def __init__(self, scope: Construct, id: str, *, shown: Shown, alarms: Alarms) -> None:
        super().__init__(scope, id)
        board = cloudwatch.Dashboard(
            self, "Board", dashboard_name="telematics", default_interval=Duration.days(1)
        )
        text = cloudwatch.TextWidget(markdown=TEXT, width=24, height=2)
        status = cloudwatch.AlarmStatusWidget(alarms=alarms.all, width=24, height=3)
        board.add_widgets(text)
        board.add_widgets(status)
        graphs = [*_of_intake(shown), *_of_the_lake(shown), *_of_tasks(shown), *_of_calls(shown)]
        for place in range(0, len(graphs), COLUMNS):
            board.add_widgets(*graphs[place : place + COLUMNS])


def _of_intake(shown: Shown) -> Iterable[cloudwatch.GraphWidget]:
    yield _graph("What needs an operator", (ours("watch_desk", one.metric) for one in KINDS))
    calls = (one.metric_invocations(label=name) for name, one in shown.intake.items())
    yield _graph("Intake by provider", calls)
    answers = (ours("receive_webhook", f"Webhook{one}") for one in ("Accepted", "Refused"))
    failed = shown.webhooks.metric_server_error(label="failed", statistic="Sum")
    yield _graph("Webhooks", [*answers, failed])


def _of_the_lake(shown: Shown) -> Iterable[cloudwatch.GraphWidget]:
    depth = (
        one.metric_approximate_number_of_messages_visible(label=name)
        for name, one in shown.queues.items()
    )
    age = (
        one.metric_approximate_age_of_oldest_message(label=name)
        for name, one in shown.queues.items()
    )
    dead = (
        one.metric_approximate_number_of_messages_visible(label=name)
        for name, one in shown.dead_letters.items()
    )
    yield _graph("Waiting messages", depth, statistic="Maximum")
    yield _graph("Age of the oldest message, seconds", age, statistic="Maximum")
    yield _graph("Dead letters", dead, statistic="Maximum")
    rows = (ours("convert", f"Rows{one}") for one in ("Loaded", "Quarantined", "Dropped"))
    yield _graph("Rows", rows)
    missing = (ours("account_offloads", "OffloadFilesMissing"), ours("enrich", "DetailsPending"))
    yield _graph("Still to come", missing, statistic="Maximum")
    complete = [ours("enrich", "ReconciliationCompleteness")]
    yield _graph("Reconciliation, percent", complete, statistic="Minimum")


def _of_tasks(shown: Shown) -> Iterable[cloudwatch.GraphWidget]:
    clips = (ours("finish_clip", "ClipsStored"), ours("finish_clip", "ClipsFailed"))
    yield _graph("Clips", [ours("begin_clip", "ClipsBegun"), *clips])
    ends = (ours("finish_collision", f"Collisions{one}") for one in ("Received", "Unanswered"))
    yield _graph("Collisions", [ours("claim_collision", "CollisionRequests"), *ends])
    erasure = shown.erasure
    ways = (erasure.metric_started(), erasure.metric_succeeded(), erasure.metric_failed())
    yield _graph("Erasures", ways)


def _of_calls(shown: Shown) -> Iterable[cloudwatch.GraphWidget]:
    every = cloudwatch.Metric(
        namespace="AWS/Lambda", metric_name="Errors", label="all functions of the account"
    )
    yield _graph("Errors of functions", [every])
    slow = (one.metric_duration(label=name) for name, one in shown.slow.items())
    yield _graph("Duration of calls, 95 of 100, milliseconds", slow, statistic="p95")
    read = cloudwatch.Metric(
        namespace="AWS/Athena",
        metric_name="ProcessedBytes",
        dimensions_map={
            "WorkGroup": shown.workgroup,
            "QueryState": "SUCCEEDED",
            "QueryType": "DML",
        },
    )
    yield _graph("Bytes that Athena read", [read])


def ours(service: str, name: str) -> cloudwatch.Metric:
    """One that a function of ours publishes."""
    return cloudwatch.Metric(
        namespace="Telematics", metric_name=name, dimensions_map={"service": service}, label=name
    )


def _graph(
    title: str, metrics: Iterable[cloudwatch.Metric], *, statistic: str = "Sum"
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(metrics),
        statistic=statistic,
        period=PERIOD,
        width=24 // COLUMNS,
        height=HEIGHT,
    )
