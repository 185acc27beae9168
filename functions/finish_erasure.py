"""A pass of erasures is at its end: a receipt for everybody, and a tombstone in their place."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.erasure import finishing
from telematics.erasure.finishing import Finished
from telematics.observability import logger


class Event(TypedDict):
    """`round` is the last one."""

    pass_id: str
    round: int


@logger.inject_lambda_context
def handler(event: Event, context: LambdaContext) -> Finished:
    finished = finishing.deployed().finish(event["pass_id"], event["round"])
    logger.info("erasure ended", extra={"people": finished["people"]})
    return finished
