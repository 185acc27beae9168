"""A provider told of a collision by itself: ask for its details."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.collisions import noticing
from telematics.collisions.noticing import Event
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> None:
    is_claimed = noticing.deployed().take(event)
    logger.info("a notification was read", extra={"is_claimed": is_claimed})
    metrics.add_metric("CollisionsNoticed", MetricUnit.Count, int(is_claimed))
