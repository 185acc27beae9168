"""Store one of a clip's videos, unless it is stored."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.clips import storing
from telematics.clips.storing import Event, Outcome
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Outcome:
    outcome = storing.deployed().store(event["clip_id"], int(event["index"]))
    metrics.add_metric("ClipVideosStored", MetricUnit.Count, int(outcome["stored"]))
    return outcome
