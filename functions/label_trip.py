"""Somebody says what a trip really was: tell its provider, and keep what that answers."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.desk import HttpEvent, HttpResponse
from telematics.label_desk import router
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("LabelRequests", MetricUnit.Count, 1)
    return desk.answer(event, context, by=router)
