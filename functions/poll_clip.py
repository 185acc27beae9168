"""A machine waits for a clip: look how far it is, and answer at once if something is decided."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.clips import polling
from telematics.clips.polling import Event, Polled
from telematics.observability import logger, metrics
from telematics.settings import settings


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Polled:
    metrics.add_metric("ClipPolls", MetricUnit.Count, 1)
    return polling.deployed(settings().provider).poll(event["clip_id"], event["token"])
