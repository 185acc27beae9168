"""A pass of erasures: one step of the purge."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.erasure import steps
from telematics.erasure.steps import Order, Progress
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: Order, context: LambdaContext) -> Progress:
    purged = steps.purge(event, context.get_remaining_time_in_millis)
    logger.info("purged", extra={"step": event["step"], "is_done": purged["is_done"]})
    return purged
