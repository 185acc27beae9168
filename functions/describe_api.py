"""Somebody asks what the private API offers."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger
from telematics.openapi import router


@logger.inject_lambda_context
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    return desk.answer(event, context, by=router)
