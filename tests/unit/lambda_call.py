"""What Lambda hands to a function, and the queue that its messages come from."""

from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Context(LambdaContext):
    """What is read of it."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:function"
    aws_request_id: str = "request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


@dataclass
class FakeQueue:
    """Remembers what was sent, and when messages are to come back."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    postponed: dict[str, int] = field(default_factory=dict)

    def send_message(self, **told: Any) -> None:
        self.sent.append(told)

    def change_message_visibility(self, **told: Any) -> None:
        self.postponed[told["ReceiptHandle"]] = told["VisibilityTimeout"]


def message(body: str, number: int, *, received: int = 1) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSource": "aws:sqs",
    }
