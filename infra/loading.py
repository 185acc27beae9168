"""From an object in raw to rows in the lake."""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.announcements import ObjectsCreated
from infra.function import Functions, TelematicsFunction
from infra.lake import Lake
from infra.monitoring import Advice, count
from infra.queues import DeadLetters, WorkQueue
from infra.storage import Bucket, Storage
from telematics.catalog import Provider

LOADING = Duration.minutes(15)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """How many objects one call takes, after waiting how long for more, and how many calls run."""

    objects: int
    wait_seconds: int = 0
    calls: int


class Loading(Construct):
    """Object created -> queue -> convert. What can't be delivered is a dead letter as well.

    Files that are large are loaded a few at a time; small objects that come in numbers by the
    batch, since each commit to a table costs the same. So each of the two has its own queue.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        providers: Iterable[Provider],
        batch: Batch,
        storage: Storage,
        lake: Lake,
        functions: Functions,
        attempts: int,
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = DeadLetters(self, "DeadLetters", of=id, alarms=functions.alarms)
        self.queue = WorkQueue(
            self,
            "Queue",
            handled_within=LOADING,
            attempts=attempts,
            dead_letters=self.dead_letters,
            alarms=functions.alarms,
        )
        self._announce([f"{one.name}/" for one in providers], of=id, by=functions, raw=storage.raw)
        self.convert = TelematicsFunction(
            self,
            f"{id}Objects",
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
                batch_size=batch.objects,
                max_batching_window=Duration.seconds(batch.wait_seconds),
                max_concurrency=batch.calls,
                report_batch_item_failures=True,
            )
        )

    def _announce(self, prefixes: list[str], *, of: str, by: Functions, raw: Bucket) -> None:
        created = ObjectsCreated(
            self,
            "ObjectCreated",
            bucket=raw,
            prefixes=prefixes,
            queue=self.queue,
            dead_letters=self.dead_letters,
        )
        by.alarms.ring(
            created,
            "Undelivered",
            on=count("AWS/Events", "FailedInvocations", RuleName=created.rule_name),
            tells=Advice(
                because=f"An object in raw could not be announced to {of}.",
                do="Load it with `telematics replay`.",
                section="unannounced-objects",
            ),
        )
