"""Work that was given up, and waits in dead letters."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from telematics.attention.problem import Kind, Problem

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def dead(counts: Mapping[str, int]) -> Iterator[Problem]:
    """`counts` are how many there are, by queue."""
    for name, count in counts.items():
        if count:
            waits = "1 message waits" if count == 1 else f"{count} messages wait"
            yield Problem(
                Kind.DEAD_LETTERS,
                name,
                f"{name}: {waits} among its dead letters",
                f"telematics redrive {name} --dry-run",
            )


def counts(client: "SQSClient", queues: Mapping[str, str]) -> dict[str, int]:
    """`queues` are the URLs of queues of dead letters, by name."""
    return {name: depth(client, url) for name, url in queues.items()}


def depth(client: "SQSClient", url: str) -> int:
    """Messages in a queue, those being worked on included."""
    told = client.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    return sum(int(count) for count in told["Attributes"].values())
