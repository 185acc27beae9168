"""The architecture on one screen: constructs, then grants, then outputs."""

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.acknowledgments import acknowledge_everywhere
from infra.api import PrivateApi
from infra.bus import Bus
from infra.clips import Clips
from infra.enrichment import Enrichment
from infra.function import Functions
from infra.grants import Grants
from infra.lake import DATABASE, Lake
from infra.layers import Layers
from infra.loading import Batch, Loading
from infra.monitoring import Alarms
from infra.offloads import Offloads
from infra.providers import ProviderAccess
from infra.queries import SavedQueries
from infra.reconciliation import Reconciliation
from infra.schedules import Schedules
from infra.stages import StageSettings
from infra.storage import Storage
from infra.sync import Sync
from infra.webhooks import Webhooks
from telematics.catalog import PROVIDERS, Provider


class TelematicsStack(Stack):
    """provider -> raw -> queue -> convert -> lake -> Athena; no function calls another one."""

    def __init__(self, scope: Construct, id: str, *, settings: StageSettings, built: Path) -> None:
        super().__init__(scope, id, description="Telematics Lake")
        providers = PROVIDERS.values()

        self.alarms = Alarms(self, "Alarms")
        self.storage = Storage(self, "Storage", retain=settings.retain)
        self.bus = Bus(self, "Bus", alarms=self.alarms)
        layers = Layers(self, "Layers", dependencies=settings.dependency_layers, built=built)
        self.functions = Functions(self, "Functions", layers=layers, alarms=self.alarms)
        self.schedules = Schedules(
            self, "Schedules", enabled=settings.schedules, alarms=self.alarms
        )
        self.lake = Lake(
            self, "Lake", storage=self.storage, functions=self.functions, providers=providers
        )
        self.loadings = self._loadings(settings)
        self.access = {
            one: ProviderAccess(self, f"{one.id}Access", provider=one) for one in providers
        }
        self.offloads = {
            one: self._offloads(one, settings) for one in providers if one.fetches_offloads
        }
        self.webhooks = Webhooks(
            self, "Webhooks", access=self.access, functions=self.functions, storage=self.storage
        )
        self.enrichments = {
            one: self._enrichment(one, settings) for one in providers if one.enriched
        }
        self.reconciliations = {
            one: self._reconciliation(one, settings) for one in self.enrichments
        }
        self.syncs = {one: self._sync(one, settings) for one in providers if one.syncs}
        self.clips = {one: self._clips(one, settings) for one in providers if one.clips}
        self.api = PrivateApi(
            self,
            "PrivateApi",
            access=self.access,
            functions=self.functions,
            storage=self.storage,
            bus=self.bus,
        )
        if settings.saved_queries:
            SavedQueries(self, "Queries", database=DATABASE, workgroup=self.lake.workgroup.name)

        self._grant()
        acknowledge_everywhere(self)
        for key, value in self._outputs().items():
            CfnOutput(self, key, value=value)

    def _loadings(self, settings: StageSettings) -> dict[str, Loading]:
        files = Batch(objects=5, calls=5)
        numbers = Batch(objects=100, wait_seconds=settings.merging_waits_seconds, calls=2)
        return {
            name: Loading(
                self,
                name,
                providers=[one for one in PROVIDERS.values() if one.sends_versions == in_numbers],
                batch=numbers if in_numbers else files,
                storage=self.storage,
                lake=self.lake,
                functions=self.functions,
                attempts=settings.loading_attempts,
            )
            for name, in_numbers in (("Convert", False), ("Merge", True))
        }

    def _offloads(self, provider: Provider, settings: StageSettings) -> Offloads:
        return Offloads(
            self,
            f"{provider.id}Offloads",
            provider=provider,
            access=self.access[provider],
            functions=self.functions,
            storage=self.storage,
            bus=self.bus,
            schedules=self.schedules,
            retries=settings.retries,
        )

    def _enrichment(self, provider: Provider, settings: StageSettings) -> Enrichment:
        return Enrichment(
            self,
            f"{provider.id}Enrichment",
            provider=provider,
            access=self.access[provider],
            functions=self.functions,
            storage=self.storage,
            bus=self.bus,
            attempts=settings.asking_attempts,
            rounds=settings.asking_rounds,
        )

    def _reconciliation(self, provider: Provider, settings: StageSettings) -> Reconciliation:
        return Reconciliation(
            self,
            f"{provider.id}Reconciliation",
            provider=provider,
            enrichment=self.enrichments[provider],
            lake=self.lake,
            functions=self.functions,
            storage=self.storage,
            schedules=self.schedules,
            retries=settings.retries,
        )

    def _sync(self, provider: Provider, settings: StageSettings) -> Sync:
        return Sync(
            self,
            f"{provider.id}Sync",
            provider=provider,
            access=self.access[provider],
            functions=self.functions,
            storage=self.storage,
            schedules=self.schedules,
            retries=settings.retries,
        )

    def _clips(self, provider: Provider, settings: StageSettings) -> Clips:
        return Clips(
            self,
            f"{provider.id}Clips",
            provider=provider,
            access=self.access[provider],
            functions=self.functions,
            storage=self.storage,
            bus=self.bus,
            retries=settings.retries,
            waits=settings.clip_waits,
        )

    def _grant(self) -> None:
        grants = Grants(access=self.access, storage=self.storage, lake=self.lake, bus=self.bus)
        for provider, offloads in self.offloads.items():
            grants.fetch(provider, offloads)
        grants.receive(self.webhooks)
        for provider, enrichment in self.enrichments.items():
            grants.enrich(provider, enrichment)
            grants.reconcile(provider, self.reconciliations[provider], enrichment)
        for provider, sync in self.syncs.items():
            grants.sync(provider, sync)
        for provider, clips in self.clips.items():
            grants.clip(provider, clips)
        grants.desk(self.api)
        grants.load(self.loadings.values())

    def _outputs(self) -> dict[str, str]:
        storage = self.storage
        outputs = {
            "RawBucket": storage.raw.bucket_name,
            "LakeBucket": storage.lake.bucket_name,
            "MediaBucket": storage.media.bucket_name,
            "ResultsBucket": storage.results.bucket_name,
            "LedgerTable": storage.ledger.table_name,
            "TasksTable": storage.tasks.table_name,
            "BusName": self.bus.bus.event_bus_name,
            "Database": DATABASE,
            "Workgroup": self.lake.workgroup.ref,
            "DeadLettersFunctions": self.functions.dead_letters.queue_url,
            "DeadLettersSchedules": self.schedules.dead_letters.queue_url,
            "AlarmTopic": self.alarms.topic.topic_arn,
            **self.webhooks.outputs,
            **self.api.outputs,
        }
        for name, loading in self.loadings.items():
            outputs[f"Queue{name}"] = loading.queue.queue_url
            outputs[f"DeadLetters{name}"] = loading.dead_letters.queue_url
        for provider, access in self.access.items():
            outputs[f"{provider.id}Secret"] = access.secret_arn
        for provider, flow in self.offloads.items():
            outputs[f"OffloadsMachine{provider.id}"] = flow.machine.state_machine_arn
            outputs[f"OffloadDayMachine{provider.id}"] = flow.day_machine.state_machine_arn
        for provider, enrichment in self.enrichments.items():
            outputs[f"QueueEnrich{provider.id}"] = enrichment.queue.queue_url
            outputs[f"DeadLettersEnrich{provider.id}"] = enrichment.dead_letters.queue_url
            machine = self.reconciliations[provider].machine
            outputs[f"ReconciliationMachine{provider.id}"] = machine.state_machine_arn
        for provider, sync in self.syncs.items():
            outputs[f"SyncMachine{provider.id}"] = sync.machine.state_machine_arn
        for provider, clips in self.clips.items():
            outputs[f"ClipMachine{provider.id}"] = clips.machine.state_machine_arn
        return outputs
