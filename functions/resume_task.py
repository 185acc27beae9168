"""A webhook told of a task, or brought its answer: wake the machine that waits for it."""

from functools import partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import waking
from telematics.observability import logger, metrics
from telematics.settings import settings
from telematics.waking import Waking

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def wake(here: Waking, event: Any) -> None:  # Any: JSON, which `take` reads
    woken = here.take(event)
    logger.info("a task has changed", extra={"woken": woken})
    metrics.add_metric("TasksResumed", MetricUnit.Count, woken)


def take(here: Waking, record: SQSRecord) -> None:
    wake(here, record.json_body)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> object:  # Any: as above
    """From a queue, or straight from a rule of the bus."""
    metrics.add_metric("TaskUpdates", MetricUnit.Count, 1)
    here = waking.deployed(settings().provider)
    if "Records" in event:
        return process_partial_response(event, partial(take, here), processor, context)
    wake(here, event)
    return {}
