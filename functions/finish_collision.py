"""A request for the details of a collision has ended, however: account for it and tell the bus."""

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.collisions import finishing
from telematics.collisions.collision import State
from telematics.collisions.finishing import Event, Finished
from telematics.observability import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Event, context: LambdaContext) -> Finished:
    finished = finishing.deployed().finish(event["collision_id"], event["execution"])
    is_there = finished["state"] is State.RECEIVED
    name = "CollisionsReceived" if is_there else "CollisionsUnanswered"
    metrics.add_metric(name, MetricUnit.Count, 1)
    return finished
