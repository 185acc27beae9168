"""How a clip stands: what is there, what is missing, and why."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import tasks
from telematics.clips import desk
from telematics.clips.clip import Clips, UnknownClip
from telematics.clips.desk import HttpEvent, HttpResponse
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: HttpEvent, context: LambdaContext) -> HttpResponse:
    try:
        answer = desk.shown(Clips(tasks.deployed()).get(desk.clip_id(event)))
    except UnknownClip as error:
        answer = desk.refusal(error)
    logger.info("clip shown", extra={"status": answer["statusCode"]})
    return answer
