"""How a clip stands: what is there, what is missing, and why."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import desk
from telematics.clips.desk import router
from telematics.desk import HttpEvent, HttpResponse
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    return desk.answer(event, context, by=router)
