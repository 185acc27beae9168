"""Somebody wants footage: claim it, and have a machine fetch it, unless one does already."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.clips.desk import router
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("ClipRequests", MetricUnit.Count, 1)
    return desk.answer(event, context, by=router)
