"""Queues: encrypted, TLS only, and what nobody could handle behind an alarm."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.monitoring import Alarms


class DeadLetters(sqs.Queue):
    """What could not be handled, kept for two weeks; the first message rings."""

    def __init__(self, scope: Construct, id: str, *, of: str, alarms: Alarms) -> None:
        super().__init__(
            scope,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        alarms.ring(
            self,
            "Alarm",
            on=self.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            because=f"Work of {of} was given up and waits in its dead letters.",
        )


class WorkQueue(sqs.Queue):
    """Work for one function, which leases what it works on; after some attempts a dead letter.

    A function that dies leaves a lease as long as its timeout, taken at any time until then. Only
    after that may its messages come back.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        handled_within: Duration,
        attempts: int,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(
            scope,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            visibility_timeout=Duration.seconds(2 * handled_within.to_seconds() + 60),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=attempts),
        )
