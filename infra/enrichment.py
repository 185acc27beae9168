"""From what a provider only tells that it is there to its details, in raw as well."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.announcements import ObjectsCreated
from infra.bus import Bus
from infra.function import Functions, TelematicsFunction
from infra.providers import ProviderAccess
from infra.queues import DeadLetters, WorkQueue
from infra.stages import Rounds
from infra.storage import Bucket, Storage
from telematics.catalog import Provider

ASKING = Duration.minutes(15)


class Enrichment(Construct):
    """Object created -> queue -> enrich -> raw. What is lost is found by the reconciliation."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        access: ProviderAccess,
        functions: Functions,
        storage: Storage,
        bus: Bus,
        attempts: int,
        rounds: Rounds,
    ) -> None:
        super().__init__(scope, id)
        name = f"Enrich{provider.id}"
        self.dead_letters = DeadLetters(
            self, f"{name}DeadLetters", of=name, alarms=functions.alarms
        )
        self.queue = WorkQueue(
            self,
            f"{name}Queue",
            handled_within=ASKING,
            attempts=attempts,
            dead_letters=self.dead_letters,
        )
        self.enrich = TelematicsFunction(
            self,
            name,
            verb="enrich",
            shared=functions,
            timeout=ASKING,
            memory_mb=1024,
            environment={
                "PROVIDER": provider.name,
                "PROVIDER_BASE_URL": access.base_url,
                "SECRET_ARN": access.secret_arn,
                "RAW_BUCKET": storage.raw.bucket_name,
                "LEDGER_TABLE": storage.ledger.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "BUS_NAME": bus.bus.event_bus_name,
                "ROUNDS": str(rounds.most),
                "FIRST_WAIT_SECONDS": str(rounds.first_after_seconds),
            },
        )
        self._feed(storage.raw, [f"{provider.name}/{one}/" for one in provider.enriched])

    def _feed(self, raw: Bucket, prefixes: Sequence[str]) -> None:
        ObjectsCreated(
            self,
            "ObjectCreated",
            bucket=raw,
            prefixes=prefixes,
            queue=self.queue,
            dead_letters=self.dead_letters,
        )
        self.enrich.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=1,
                max_concurrency=4,
                report_batch_item_failures=True,
            )
        )
