"""A deployment asks for the lake's tables: make them, or add the columns declared since."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import custom_resource, lake
from telematics.custom_resource import Question
from telematics.observability import logger
from telematics.settings import settings


@logger.inject_lambda_context
def handler(event: Question, context: LambdaContext) -> None:
    database = settings().database
    failure = "migrate_lake stopped halfway; its log says where"
    try:
        if event["RequestType"] != "Delete":  # the tables stay; the owner decides on data
            tables = list(lake.migrate(lake.deployed(), database))
            logger.info("tables are as declared", extra={"tables": len(tables)})
        failure = ""
    finally:
        custom_resource.answer(event, context, resource=f"tables-of-{database}", failure=failure)
