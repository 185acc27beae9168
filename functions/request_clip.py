"""Somebody wants footage: claim it, and have a machine fetch it, unless one does already."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import http
from telematics.clips import claiming, desk
from telematics.clips.desk import HttpEvent, HttpResponse
from telematics.observability import logger, metrics
from telematics.settings import settings


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    metrics.add_metric("ClipRequests", MetricUnit.Count, 1)
    now = http.utc_now()
    try:
        wish, key = desk.asked(event, provider=settings().provider, now=now)
        claimed = claiming.deployed().request(wish, now=now, key=key)
    except desk.REFUSALS as error:
        answer = desk.refusal(error)
        logger.warning("clip refused", extra={"status": answer["statusCode"], "why": str(error)})
        return answer
    told = {"clip_id": claimed.clip.task_id, "joined": claimed.joined}
    logger.info("clip requested", extra=told)
    return desk.taken(claimed)
