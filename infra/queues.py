"""Queues: encrypted, TLS only, and what nobody could handle behind an alarm."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.monitoring import Advice, Alarms

OLD_SECONDS = 7_200
KEPT_FOR = Duration.days(14)  # as long as SQS keeps anything


class DeadLetters(sqs.Queue):
    """What could not be handled, kept for two weeks; the first message rings."""

    def __init__(self, scope: Construct, id: str, *, of: str, alarms: Alarms) -> None:
        super().__init__(
            scope,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT_FOR,
        )
        alarms.ring(
            self,
            "Alarm",
            on=self.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            tells=Advice(
                because=f"Work of {of} was given up and waits in its dead letters.",
                do="Mend the cause, then `telematics redrive`.",
                section="dead-letters",
            ),
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
        alarms: Alarms,
    ) -> None:
        super().__init__(
            scope,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT_FOR,
            visibility_timeout=Duration.seconds(2 * handled_within.to_seconds() + 60),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=attempts),
        )
        alarms.ring(
            self,
            "Old",
            on=self.metric_approximate_age_of_oldest_message(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            at=OLD_SECONDS,
            tells=Advice(
                because="The oldest message of a queue has waited for two hours.",
                do="See in `telematics status` which it is, and what its dead letters say.",
                section="old-messages",
            ),
        )
