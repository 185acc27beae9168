"""A deployment asks for the canonical views: have Athena make them, as they are now."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import custom_resource, views
from telematics.custom_resource import Question
from telematics.observability import logger
from telematics.settings import settings
from telematics.views import Definition, NotDefined


class Properties(TypedDict):
    """As `infra/views.py` tells them."""

    Views: list[Definition]


class ViewsQuestion(Question):
    """What the views are, each after those that it reads."""

    ResourceProperties: Properties


@logger.inject_lambda_context
def handler(event: ViewsQuestion, context: LambdaContext) -> None:
    failure = "define_views stopped halfway; its log says where"
    try:
        if event["RequestType"] != "Delete":  # they hold nothing, and go with their database
            names = list(views.deployed().define(event["ResourceProperties"]["Views"]))
            logger.info("views are as declared", extra={"views": len(names)})
        failure = ""
    except NotDefined as refusal:
        failure = str(refusal)
        logger.exception("a view was refused")
    finally:
        resource = f"views-of-{settings().database}"
        custom_resource.answer(event, context, resource=resource, failure=failure)
