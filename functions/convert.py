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
from telematics.errors import MalformedPayload
from telematics.observability import logger, metrics
from telematics.raw import RawKey
from telematics.together import Batch

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def key_of(record: SQSRecord) -> RawKey | None:
    """None for an object that nobody here put into raw."""
    try:
        return RawKey.parse(str(record.json_body["detail"]["object"]["key"]))
    except MalformedPayload:
        return None


def take(batch: Batch, record: SQSRecord) -> None:
    key = key_of(record)
    if key is None:
        logger.warning("an object in raw that nobody here put there")
        metrics.add_metric("StrayObjects", MetricUnit.Count, 1)
        return
    with queues.postponed_on_failure(record):
        loaded = batch.take(key)
    if loaded is not None:
        told = {"rows": loaded.rows, "quarantined": loaded.quarantined, "dropped": loaded.dropped}
        logger.info("object loaded", extra={"raw_key": str(key), **told})
        metrics.add_metric("RowsLoaded", MetricUnit.Count, loaded.rows)
        metrics.add_metric("RowsQuarantined", MetricUnit.Count, loaded.quarantined)
        metrics.add_metric("RowsDropped", MetricUnit.Count, loaded.dropped)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    metrics.add_metric("Batches", MetricUnit.Count, 1)
    keys = [key for record in SQSEvent(event).records if (key := key_of(record))]
    batch = Batch.begin(intake.deployed(), keys)
    return process_partial_response(event, partial(take, batch), processor, context)
