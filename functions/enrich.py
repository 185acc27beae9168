"""A notification is in raw, or people are to be reconciled: ask the provider for the details."""

from collections.abc import Callable
from functools import partial

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from telematics import queues
from telematics.enrichment import work
from telematics.enrichment.enriching import Progress
from telematics.enrichment.messages import Message
from telematics.enrichment.reconciling import Found
from telematics.observability import logger, metrics

ENOUGH_MILLISECONDS = 120_000  # for one more slice of questions to a provider who is slow
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(out_of_time: Callable[[], bool], record: SQSRecord) -> None:
    with queues.postponed_on_failure(record):
        message = Message.model_validate_json(record.body)
        if message.reconcile is not None:
            tell_found(work.reconcile(message.reconcile))
        elif progress := work.enrich(message.notification, out_of_time=out_of_time):
            tell_progress(progress)


def tell_progress(progress: Progress) -> None:
    told = {"items": progress.items, "pending": len(progress.pending)}
    logger.info("notification enriched", extra=told)
    metrics.add_metric("DetailsPending", MetricUnit.Count, len(progress.pending))


def tell_found(found: Found) -> None:
    logger.info("people reconciled", extra=found.counts)
    metrics.add_metric("ReconciliationCompleteness", MetricUnit.Percent, found.percent)
    metrics.add_metric("ReconciliationMissed", MetricUnit.Count, found.missed)
    metrics.add_metric("ReconciliationLate", MetricUnit.Count, found.late)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    metrics.add_metric("EnrichBatches", MetricUnit.Count, 1)

    def out_of_time() -> bool:
        return context.get_remaining_time_in_millis() < ENOUGH_MILLISECONDS

    return process_partial_response(event, partial(take, out_of_time), processor, context)
