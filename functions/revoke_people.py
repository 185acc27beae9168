"""A pass of erasures: tell a provider to forget everybody in it."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.erasure import revoking
from telematics.observability import logger


class Event(TypedDict):
    """Names the pass, and nobody in it."""

    pass_id: str


class Told(TypedDict):
    """How many people the provider knew."""

    people: int


@logger.inject_lambda_context
def handler(event: Event, context: LambdaContext) -> Told:
    people = revoking.deployed().revoke(event["pass_id"])
    logger.info("provider told", extra={"people": people})
    return {"people": people}
