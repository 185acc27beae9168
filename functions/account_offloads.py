"""Tell the bus whether every file that was listed for a day is in raw."""

from datetime import date
from typing import TypedDict

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import events, ledger
from telematics.observability import logger, metrics
from telematics.offloads.accounting import Account, account
from telematics.settings import settings


class Request(TypedDict):
    """An offload day, as YYYY-MM-DD."""

    day: str


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Request, context: LambdaContext) -> Account:
    day = date.fromisoformat(event["day"])
    provider = settings().provider
    result = account(ledger.deployed(), events.deployed(), provider=provider, day=day)
    metrics.add_metric("OffloadFilesMissing", MetricUnit.Count, result["missing"])
    return result
