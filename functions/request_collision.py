"""Somebody wants the details of a collision: claim it, and have a machine ask for them."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.collisions.desk import router
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("CollisionRequests", MetricUnit.Count, 1)
    return desk.answer(event, context, by=router)
