"""A pass of erasures: read everything that is kept once more, and look for traces."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.erasure import proof
from telematics.erasure.proof import Order, Verdict
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: Order, context: LambdaContext) -> Verdict:
    """Which places there are, or how many of somebody's traces are in one of them."""
    return proof.verify(event, context.get_remaining_time_in_millis)
