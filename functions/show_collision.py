"""How a request for the details of a collision stands."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.collisions.desk import router
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    return desk.answer(event, context, by=router)
