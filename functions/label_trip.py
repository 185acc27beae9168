"""Somebody says what a trip really was: tell its provider, and keep what that answers."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import labels
from telematics.labels import HttpEvent, HttpResponse
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("LabelRequests", MetricUnit.Count, 1)
    try:
        request = labels.asked(event)
        labelled = labels.deployed().label(request.trip_id, request.label)
    except labels.REFUSALS as error:
        answer = labels.refusal(error)
        logger.warning("label refused", extra={"status": answer["statusCode"], "why": str(error)})
        return answer
    logger.info("trip labelled", extra={"label": request.label, "type": labelled.type})
    return labels.done(request, labelled)
