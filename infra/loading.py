"""From an object in raw to rows in the lake."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.function import Functions, TelematicsFunction
from infra.lake import Lake
from infra.monitoring import Alarms, count
from infra.queues import DeadLetters, WorkQueue
from infra.storage import Bucket, Storage

LOADING = Duration.minutes(15)


class Loading(Construct):
    """Object created -> queue -> convert. What can't be delivered is a dead letter as well."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        storage: Storage,
        lake: Lake,
        functions: Functions,
        attempts: int,
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = DeadLetters(
            self, "ConvertDeadLetters", of="convert", alarms=functions.alarms
        )
        self.queue = WorkQueue(
            self,
            "Convert",
            handled_within=LOADING,
            attempts=attempts,
            dead_letters=self.dead_letters,
        )
        self._announce(storage.raw, functions.alarms)
        self.convert = TelematicsFunction(
            self,
            "ConvertObjects",
            verb="convert",
            shared=functions,
            timeout=LOADING,
            memory_mb=1769,  # one whole core
            environment={
                **lake.environment,
                "RAW_BUCKET": storage.raw.bucket_name,
                "QUEUE_URL": self.queue.queue_url,
                "LEDGER_TABLE": storage.ledger.table_name,
            },
            uses_lake=True,
        )
        self.convert.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=5,
                max_concurrency=5,
                report_batch_item_failures=True,
            )
        )

    def _announce(self, raw: Bucket, alarms: Alarms) -> None:
        created = events.Rule(
            self,
            "ObjectCreated",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [raw.bucket_name]}},
            ),
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )
        alarms.ring(
            created,
            "Undelivered",
            on=count("AWS/Events", "FailedInvocations", RuleName=created.rule_name),
            because="An object in raw could not be announced to convert.",
        )
