"""Ask a provider what happened since the last time, and keep it, files included."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics.observability import logger
from telematics.sync import work
from telematics.sync.syncing import Summary
from telematics.sync.windows import Request

ENOUGH_MILLISECONDS = 300_000  # for one more round of questions, or files that just last


@logger.inject_lambda_context
def handler(event: Request, context: LambdaContext) -> Summary:
    def out_of_time() -> bool:
        return context.get_remaining_time_in_millis() < ENOUGH_MILLISECONDS

    done = work.run(event, out_of_time=out_of_time)
    logger.info("events asked for", extra={"done": done})
    for name, count in (
        ("EventsNew", done["new"]),
        ("EventsOpen", done["open"]),
        ("EventFilesStored", done["stored_files"]),
        ("EventFilesFailed", done["failed_files"]),
    ):
        publish(name, count)
    return done


def publish(name: str, count: int) -> None:
    """Only if there is any: a metric that is told of in every hour of a month has its price."""
    if count:
        with single_metric(name, MetricUnit.Count, count) as metric:
            metric.add_dimension("service", "sync_events")
