"""At night: list the lake's tables, or rewrite what is untidy in one of them and end its past."""

from typing import cast

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.observability import logger, metrics
from telematics.tending import steps
from telematics.tending.steps import Listed, Order, Request


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Request | Order, context: LambdaContext) -> Listed | Order:
    tending = steps.deployed()
    if "table" not in event:
        listed = tending.listed(event)
        metrics.add_metric("LakeTables", MetricUnit.Count, len(listed["orders"]))
        return listed
    order = cast(Order, event)
    told = tending.tend(order, context.get_remaining_time_in_millis)
    counts = {name: told[name] for name in ("table", "days", "files", "into", "deleted", "is_done")}
    logger.info("table tended", extra=counts)
    metrics.add_metric("LakeFilesReplaced", MetricUnit.Count, told["files"] - order["files"])
    return told
