"""From what a provider only tells that it is there to its details, in raw as well."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.announcements import ObjectsCreated
from infra.flow import Flow, Site
from infra.queues import DeadLetters, WorkQueue
from infra.stages import Rounds
from infra.storage import Bucket
from telematics.catalog import Provider

ASKING_MINUTES = 15


class Enrichment(Flow):
    """Object created -> queue -> enrich -> raw. What is lost is found by the reconciliation."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        site: Site,
        attempts: int,
        rounds: Rounds,
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        name = f"Enrich{provider.id}"
        self.dead_letters = DeadLetters(
            self, f"{name}DeadLetters", of=name, alarms=site.functions.alarms
        )
        self.queue = WorkQueue(
            self,
            f"{name}Queue",
            handled_within=Duration.minutes(ASKING_MINUTES),
            attempts=attempts,
            dead_letters=self.dead_letters,
            alarms=site.functions.alarms,
        )
        self.enrich = self._function(
            "enrich",
            minutes=ASKING_MINUTES,
            memory_mb=1024,
            environment={
                **self._reaching,
                "RAW_BUCKET": site.storage.raw.bucket_name,
                "LEDGER_TABLE": site.storage.ledger.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "BUS_NAME": site.bus.bus.event_bus_name,
                "ROUNDS": str(rounds.most),
                "FIRST_WAIT_SECONDS": str(rounds.first_after_seconds),
            },
        )
        self._feed(site.storage.raw, [f"{provider.name}/{one}/" for one in provider.enriched])

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
