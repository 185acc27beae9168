"""A clip has ended, however: account for it and tell the bus."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.clips import finishing
from telematics.clips.clip import WITH_VIDEO
from telematics.clips.finishing import Event, Finished
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Finished:
    finished = finishing.deployed().finish(
        event["clip_id"], event["execution"], is_broken="fault" in event
    )
    is_there = finished["state"] in WITH_VIDEO
    name = "ClipsStored" if is_there else "ClipsFailed"
    metrics.add_metric(name, MetricUnit.Count, int(finished["ended"]))
    return finished
