"""Messages that could not be handled come back soon at first, and then less and less often."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FIRST_WAIT_SECONDS = 15
LONGEST_WAIT_SECONDS = 900


def wait_seconds(times_received: int) -> int:
    doubled: int = FIRST_WAIT_SECONDS * 2 ** (times_received - 1)
    return min(doubled, LONGEST_WAIT_SECONDS)


@contextmanager
def postponed_on_failure(record: SQSRecord) -> Iterator[None]:
    """Else a message that failed at once would wait as long as the longest work may take."""
    handled = False
    try:
        yield
        handled = True
    finally:
        if not handled:
            _client().change_message_visibility(
                QueueUrl=settings().queue_url,
                ReceiptHandle=record.receipt_handle,
                VisibilityTimeout=wait_seconds(int(record.attributes.approximate_receive_count)),
            )


def send(body: str, *, delay_seconds: int = 0) -> None:
    """Into the queue of the function that works on it, our own or another one."""
    _client().send_message(
        QueueUrl=settings().queue_url, MessageBody=body, DelaySeconds=delay_seconds
    )


@cache
def _client() -> "SQSClient":
    return boto3.client("sqs")
