"""Somebody registers, links, blocks, unblocks, erases or looks up a user."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger, metrics
from telematics.users.desk import router


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("UserCalls", MetricUnit.Count, 1)
    return desk.answer(event, context, by=router)
