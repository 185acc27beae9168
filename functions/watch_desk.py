"""Every hour: look for what needs an operator, count it, and tell of it once a day."""

from collections import Counter
from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.attention import desk, notices
from telematics.observability import logger


@logger.inject_lambda_context
def handler(event: dict[str, object], context: LambdaContext) -> dict[str, int]:
    now = datetime.now(UTC)
    problems = desk.deployed().problems(now=now)
    told = notices.deployed().tell(problems, now=now)
    kinds = Counter(problem.kind for problem in problems)
    logger.info("desk looked at", extra={"problems": len(problems), "told": told})
    publish("Problems", len(problems))
    for kind, count in kinds.items():
        publish(kind.metric, count)
    return {
        "problems": len(problems),
        "told": told,
        **{str(kind): count for kind, count in kinds.items()},
    }


def publish(name: str, count: int) -> None:
    """Only if there is any: a metric that is told of in every hour of a month has its price."""
    if count:
        with single_metric(name, MetricUnit.Count, count) as metric:
            metric.add_dimension("service", "watch_desk")
