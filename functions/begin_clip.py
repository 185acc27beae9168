"""A machine begins with a clip, or begins again: ask the provider for it, once."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.clips import asking
from telematics.clips.asking import Begun, Event
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Begun:
    begun = asking.deployed().begin(event)
    metrics.add_metric("ClipsBegun", MetricUnit.Count, 1)
    return begun
