"""Somebody waits for their erasure: take everybody who does into one pass."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.erasure import passes
from telematics.erasure.passes import Begun
from telematics.observability import logger


class Event(TypedDict):
    """`execution` is the machine's, by its ARN."""

    execution: str


@logger.inject_lambda_context
def handler(event: Event, context: LambdaContext) -> Begun:
    begun = passes.deployed().begin(event["execution"])
    logger.info("erasure begun", extra={"next": begun["next"], "people": begun["people"]})
    return begun
