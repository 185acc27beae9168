"""Copy one listed file from its provider into raw, unless we have it."""

from datetime import UTC, datetime
from typing import TypedDict

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import events, ledger, raw
from telematics.observability import logger, metrics
from telematics.offloads.fetching import Fetch, Fetched
from telematics.offloads.sources import source
from telematics.settings import settings


class Request(TypedDict):
    """`file` is its place in the ledger, which begins with its day."""

    day: str
    file: str


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Request, context: LambdaContext) -> Fetched:
    metrics.add_metric("OffloadFetches", MetricUnit.Count, 1)
    provider = settings().provider
    fetch = Fetch(
        source=source(provider),
        ledger=ledger.deployed(),
        zone=raw.deployed(),
        bus=events.deployed(),
        now=datetime.now(UTC),
    )
    return fetch.file(provider, event["file"])
