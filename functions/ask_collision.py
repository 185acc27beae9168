"""A machine waits for the details of a collision: ask for them, or say what else is to be done."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.collisions import asking
from telematics.collisions.asking import Asked, Event
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Asked:
    metrics.add_metric("CollisionAsks", MetricUnit.Count, 1)
    return asking.deployed().ask(event)
