"""Something that may be an impact is in raw: ask for its footage, if its driver is our user."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.clips import impacts
from telematics.clips.impacts import Event
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> None:
    asked_for = impacts.deployed().take(event)
    logger.info("events looked through", extra={"clips": asked_for})
    metrics.add_metric("ImpactClips", MetricUnit.Count, asked_for)
