"""Messages that nobody could work on: looked at, put back, or taken out for good."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_AT_ONCE = 10  # that SQS hands out
HELD_SECONDS = 60


@dataclass(frozen=True)
class Letters:
    """One dead-letter queue."""

    client: "SQSClient"
    url: str

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    def bodies(self) -> Iterator[str]:
        held: list[str] = []
        try:
            for body, receipt in self._received():
                held.append(receipt)
                yield body
        finally:
            for receipt in held:
                self._put_back(receipt)

    def remove(self, is_theirs: Callable[[str], bool]) -> int:
        """How many messages are gone."""
        removed = 0
        others: list[str] = []
        for body, receipt in self._received():
            if is_theirs(body):
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
                removed += 1
            else:
                others.append(receipt)
        for receipt in others:
            self._put_back(receipt)
        return removed

    def _received(self) -> Iterator[tuple[str, str]]:
        while True:
            answer = self.client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=MOST_AT_ONCE,
                VisibilityTimeout=HELD_SECONDS,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                yield message.get("Body", ""), message.get("ReceiptHandle", "")

    def _put_back(self, receipt: str) -> None:
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=0
        )
