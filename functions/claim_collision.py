"""Another system put a request for the details of a collision on the bus: claim it."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.collisions import taking
from telematics.collisions.taking import Event
from telematics.observability import logger, metrics
from telematics.settings import settings


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> None:
    is_taken = taking.deployed(settings().provider).take(event)
    logger.info("a request was put on the bus", extra={"is_taken": is_taken})
    metrics.add_metric("CollisionRequests", MetricUnit.Count, 1)
