"""Objects have arrived in raw: make them rows of the lake."""

from functools import partial

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import intake, queues
from telematics.announced import Announced
from telematics.errors import MalformedPayload
from telematics.observability import logger, metrics
from telematics.together import Batch

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def announced(record: SQSRecord) -> Announced | None:
    """None for an object that nobody here put into raw."""
    try:
        return Announced.parse(record.body)
    except MalformedPayload:
        return None


def take(batch: Batch, record: SQSRecord) -> None:
    told = announced(record)
    if told is None:
        logger.warning("an object in raw that nobody here put there")
        metrics.add_metric("StrayObjects", MetricUnit.Count, 1)
        return
    with queues.postponed_on_failure(record):
        loaded = batch.take(told.key)
    if loaded is not None:
        rows = {"rows": loaded.rows, "quarantined": loaded.quarantined, "dropped": loaded.dropped}
        logger.info("object loaded", extra={"raw_key": str(told.key), **rows})
        metrics.add_metric("RowsLoaded", MetricUnit.Count, loaded.rows)
        metrics.add_metric("RowsQuarantined", MetricUnit.Count, loaded.quarantined)
        metrics.add_metric("RowsDropped", MetricUnit.Count, loaded.dropped)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    metrics.add_metric("Batches", MetricUnit.Count, 1)
    objects = [told for record in SQSEvent(event).records if (told := announced(record))]
    batch = Batch.begin(
        intake.deployed(),
        [one.key for one in objects],
        again=frozenset(one.key for one in objects if one.again),
    )
    return process_partial_response(event, partial(take, batch), processor, context)
