"""Which files are to be fetched: what the provider lists for some days, against the ledger."""

from datetime import UTC, datetime
from typing import NotRequired, TypedDict

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import ledger
from telematics.observability import logger, metrics
from telematics.offloads.period import Period
from telematics.offloads.planning import Summary, plan
from telematics.offloads.sources import source
from telematics.settings import settings

# Days, as YYYY-MM-DD; `from` is a word of Python's own.
Request = TypedDict("Request", {"from": NotRequired[str | None], "to": NotRequired[str | None]})


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Request, context: LambdaContext) -> Summary:
    now = datetime.now(UTC)
    period = Period.asked_for(event.get("from"), event.get("to"), today=now.date())
    provider = settings().provider
    made = plan(source(provider), ledger.deployed(), provider=provider, period=period, now=now)
    metrics.add_metric("OffloadFilesToFetch", MetricUnit.Count, made.counts["to_fetch"])
    return made.summary()
