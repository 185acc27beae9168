"""The bill of a month: what there is to do at list prices, beside what stands idle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra import unit_prices as prices
from infra.costs.measured import Measured
from infra.costs.use import DAYS, SECONDS, Use
from infra.costs.work import LOG_BYTES, Work

FREE_GLUE_REQUESTS = 1e6
LEAST_SCANNED = 10e6  # bytes that Athena charges for, of each query
SCANNED_OF_A_TRIP = 60.0  # bytes of the few columns that a report reads
TRACED_SHARE = 0.05  # beside one call in each second, of each function
GIGABYTE = 1e9
LEDGER_ROW_BYTES, USER_BYTES = 1_000, 1_000
REWRITTEN_DAYS = 7  # for how long the lake keeps what was replaced


@dataclass(frozen=True)
class Line:
    service: str
    what: str
    unit: str
    count: float
    each_usd: float

    @property
    def usd(self) -> float:
        return self.count * self.each_usd


def bill(work: Work) -> list[Line]:
    lines = [*_idle(work.measured), *_computing(work), *_asking(work), *_telling(work)]
    return [*lines, *_keeping(work), *_querying(work.use)]


def total(lines: Sequence[Line]) -> float:
    return sum(line.usd for line in lines)


def _idle(measured: Measured) -> Iterator[Line]:
    for one in measured.idle:
        name = one.resource.removeprefix("AWS::").replace("::", " ")
        each = one.usd / one.count if one.count else 0.0
        yield Line("idle", name, "resources", one.count, each)


def _computing(work: Work) -> Iterator[Line]:
    for step in work.steps:
        yield Line(
            "Lambda", step.name, "GB-seconds", step.gigabyte_seconds, prices.LAMBDA_ARM_GB_SECOND
        )
    calls = sum(step.calls for step in work.steps)
    yield Line("Lambda", "calls of all", "calls", calls, prices.LAMBDA_REQUEST)
    yield Line(
        "Step Functions",
        "offloads, collisions, clips",
        "transitions",
        work.transitions,
        prices.STATE_TRANSITION,
    )


def _asking(work: Work) -> Iterator[Line]:
    calls = work.webhooks + work.asked("http_calls")
    yield Line("API Gateway", "webhooks and the private API", "calls", calls, prices.HTTP_API_CALL)
    for step in work.steps:
        puts = step.asked.get("s3_puts", 0.0)
        if puts:
            yield Line("S3", f"{step.name}: writes", "PUTs", puts, prices.S3_PUT)
    yield Line("S3", "reads of all", "GETs", work.asked("s3_gets"), prices.S3_GET)
    yield Line("SQS", "messages of all", "requests", work.asked("sqs"), prices.SQS_REQUEST)
    yield Line(
        "DynamoDB",
        "ledger, tasks: writes",
        "writes",
        work.asked("dynamodb_writes"),
        prices.DYNAMODB_WRITE,
    )
    reads = work.asked("dynamodb_reads")
    yield Line("DynamoDB", "ledger, tasks: reads", "reads", reads, prices.DYNAMODB_READ)
    glue = max(0.0, work.asked("glue") - FREE_GLUE_REQUESTS)
    yield Line("Glue", "tables; the first million is free", "requests", glue, prices.GLUE_REQUEST)


def _telling(work: Work) -> Iterator[Line]:
    yield Line(
        "EventBridge", "new objects, and our own", "events", work.asked("events"), prices.EVENT
    )
    calls = sum(step.calls for step in work.steps)
    told = (calls * LOG_BYTES + work.numerous_objects * LOG_BYTES / 3) / GIGABYTE
    yield Line("CloudWatch", "logs, taken in", "GB", told, prices.LOG_GB)
    metrics = work.measured.of("told", "metrics") if work.webhooks else 0.0
    yield Line("CloudWatch", "metrics of our own", "metrics", metrics, prices.METRIC)
    traces = sum(
        min(step.calls, SECONDS) + max(0.0, step.calls - SECONDS) * TRACED_SHARE
        for step in work.steps
    )
    yield Line("X-Ray", "traces", "traces", traces, prices.TRACE)


def _keeping(work: Work) -> Iterator[Line]:
    months = work.use.months_kept
    kept = f"of {months:g} months"
    raw, lake, media = (
        size * months / GIGABYTE for size in (work.raw_bytes, work.lake_bytes, work.media_bytes)
    )
    yield Line("S3", f"raw, {kept}", "GB", raw, prices.S3_GB_MONTH)
    yield Line("S3", f"lake, {kept}", "GB", lake, prices.S3_GB_MONTH)
    past = 2 * work.lake_bytes * REWRITTEN_DAYS / DAYS / GIGABYTE
    yield Line("S3", "lake, replaced and not yet gone", "GB", past, prices.S3_GB_MONTH)
    yield Line("S3", f"clips, {kept}", "GB", media, prices.S3_GB_MONTH)
    rows = work.ledger_rows * months * LEDGER_ROW_BYTES + work.use.users * USER_BYTES
    yield Line("DynamoDB", f"ledger {kept}, users", "GB", rows / GIGABYTE, prices.DYNAMODB_GB_MONTH)


def _querying(use: Use) -> Iterator[Line]:
    ready = use.queries_per_day * DAYS * LEAST_SCANNED / 1e12
    yield Line("Athena", "queries of one day or user", "TB", ready, prices.ATHENA_TERABYTE)
    month = max(LEAST_SCANNED, use.trips * SCANNED_OF_A_TRIP)
    reports = use.reports_per_day * DAYS * month / 1e12
    yield Line("Athena", "reports over a month", "TB", reports, prices.ATHENA_TERABYTE)
