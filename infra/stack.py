"""The architecture on one screen: constructs, then grants, then outputs."""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Stack
from constructs import Construct

from infra import erasure_grants
from infra.acknowledgments import acknowledge_everywhere
from infra.api import PrivateApi
from infra.archive import EventArchive
from infra.budget import Budget
from infra.bus import Bus
from infra.clip_impacts import ClipImpacts
from infra.clips import Clips
from infra.collision_notices import CollisionNotices
from infra.collisions import Collisions
from infra.dashboard import Dashboard, Shown
from infra.enrichment import Enrichment
from infra.erasure import Erasure
from infra.flow import Site
from infra.function import Functions
from infra.grants import Grants
from infra.lake import DATABASE, Lake
from infra.layers import Layers
from infra.loading import Batch, Loading
from infra.monitoring import Alarms
from infra.offloads import Offloads
from infra.providers import ProviderAccess
from infra.queries import SavedQueries
from infra.queues import DeadLetters
from infra.reconciliation import Reconciliation
from infra.schedules import Schedules
from infra.stages import Retries, StageSettings
from infra.storage import Storage
from infra.sync import Sync
from infra.tending import Tending
from infra.user_mirror import UserMirror
from infra.users import Users
from infra.views import Views
from infra.watch import Watch
from infra.webhooks import Webhooks
from telematics.catalog import PROVIDERS


class TelematicsStack(Stack):
    """provider -> raw -> queue -> convert -> lake -> Athena; no function calls another one."""

    def __init__(self, scope: Construct, id: str, *, settings: StageSettings, built: Path) -> None:
        super().__init__(scope, id, description="Telematics Lake")
        providers = PROVIDERS.values()

        self.alarms = Alarms(self, "Alarms")
        self.storage = Storage(self, "Storage", retain=settings.retain)
        self.users = Users(
            self, "Users", retain=settings.retain, gate_seconds=settings.gate_seconds
        )
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
        self.webhooks = Webhooks(
            self, "Webhooks", access=self.access, functions=self.functions, storage=self.storage
        )
        site = self._site(settings.retries)
        self._flows(settings, site)
        self._claims(settings, site)
        self.erasure = self._erasure(site, settings)
        self.mirror = UserMirror(self, "UserMirror", site=site, users=self.users)
        self.tending = Tending(self, "Tending", site=site, users=self.users)
        self.api = PrivateApi(self, "PrivateApi", site=site)
        self._watch(site, settings)
        if settings.saved_queries:
            SavedQueries(self, "Queries", database=DATABASE, workgroup=self.lake.workgroup.name)
            Views(self, "Views", storage=self.storage, functions=self.functions, lake=self.lake)

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

    def _site(self, retries: Retries) -> Site:
        return Site(
            access=self.access,
            functions=self.functions,
            storage=self.storage,
            lake=self.lake,
            bus=self.bus,
            schedules=self.schedules,
            retries=retries,
        )

    def _flows(self, settings: StageSettings, site: Site) -> None:
        """Of each provider those that its data takes."""
        providers = PROVIDERS.values()
        self.offloads = {
            one: Offloads(self, f"{one.id}Offloads", provider=one, site=site)
            for one in providers
            if one.fetches_offloads
        }
        self.enrichments = {
            one: Enrichment(
                self,
                f"{one.id}Enrichment",
                provider=one,
                site=site,
                attempts=settings.asking_attempts,
                rounds=settings.asking_rounds,
            )
            for one in providers
            if one.enriched
        }
        self.reconciliations = {
            one: Reconciliation(
                self, f"{one.id}Reconciliation", provider=one, site=site, enrichment=flow
            )
            for one, flow in self.enrichments.items()
        }
        self.syncs = {
            one: Sync(self, f"{one.id}Sync", provider=one, site=site)
            for one in providers
            if one.syncs
        }
        self.clips = {
            one: Clips(self, f"{one.id}Clips", provider=one, site=site, waits=settings.clip_waits)
            for one in providers
            if one.clips
        }
        on = settings.clips_of_impacts
        self.impacts = {
            one: ClipImpacts(self, f"{one.id}ClipImpacts", provider=one, site=site, is_on=on)
            for one in self.clips
            if one.impacts
        }

    def _claims(self, settings: StageSettings, site: Site) -> None:
        """Of providers that know what happened, and tell it when they are asked."""
        self.collisions = {
            one: Collisions(
                self,
                f"{one.id}Collisions",
                provider=one,
                site=site,
                webhook_api_url=self.webhooks.api.api_endpoint,
                answers=settings.collision_answers,
                waits=settings.clip_waits,
            )
            for one in PROVIDERS.values()
            if one.collisions
        }
        self.notices = {
            one: CollisionNotices(
                self,
                f"{one.id}CollisionNotices",
                provider=one,
                site=site,
                is_on=settings.asks_for_collisions,
            )
            for one in self.collisions
        }

    def _watch(self, site: Site, settings: StageSettings) -> None:
        """What tells the owner how all of it stands."""
        self.watch = Watch(
            self, "Watch", site=site, users=self.users, dead_letters=self._dead_letters()
        )
        Dashboard(self, "Dashboard", shown=self._shown(), alarms=self.alarms)
        if settings.event_archive:
            EventArchive(self, "EventArchive", bus=self.bus.bus)
        if settings.budget:
            Budget(self, "Budget", alarms=self.alarms)

    def _shown(self) -> Shown:
        """On the dashboard."""
        received = {f"{of.title}, called": one for of, one in self.webhooks.receive.items()}
        fetched = {f"{of.title}, files": one.fetch for of, one in self.offloads.items()}
        asked = {f"{of.title}, asked": one.ask for of, one in self.syncs.items()}
        enriched = {f"enrich_{of.name}": one for of, one in self.enrichments.items()}
        loads = {name.lower(): one for name, one in self.loadings.items()}
        return Shown(
            intake={**received, **fetched, **asked},
            slow={
                **received,
                **{name: one.convert for name, one in loads.items()},
                **{name: one.enrich for name, one in enriched.items()},
            },
            queues={
                **{name: one.queue for name, one in loads.items()},
                **{name: one.queue for name, one in enriched.items()},
            },
            dead_letters=self._dead_letters(),
            webhooks=self.webhooks.api,
            erasure=self.erasure.machine,
            workgroup=DATABASE,
        )

    def _dead_letters(self) -> dict[str, DeadLetters]:
        """By the names that operators know them by."""
        return {
            "functions": self.functions.dead_letters,
            "schedules": self.schedules.dead_letters,
            **{name.lower(): one.dead_letters for name, one in self.loadings.items()},
            **{f"enrich_{of.name}": one.dead_letters for of, one in self.enrichments.items()},
        }

    def _erasure(self, site: Site, settings: StageSettings) -> Erasure:
        erasure = Erasure(
            self,
            "Erasure",
            site=site,
            users=self.users,
            dead_letters=self._dead_letters().values(),
            settles_within=Duration.seconds(settings.gate_seconds + 2),
        )
        erasure_grants.grant(erasure, site, self.users.access_log.table_arn)
        return erasure

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
        for provider, impacts in self.impacts.items():
            grants.answer_impact(provider, impacts)
        for provider, collisions in self.collisions.items():
            grants.collide(provider, collisions)
            grants.notice(provider, self.notices[provider])
        grants.mirror(self.mirror)
        self._let_find_users()
        self._let_check()
        grants.desk(self.api)
        grants.load(self.loadings.values())

    def _let_check(self) -> None:
        """Whoever writes what is of somebody, or asks a provider for it."""
        for function in (
            *(one.convert for one in self.loadings.values()),
            *(one.enrich for one in self.enrichments.values()),
            *(one.ask for one in self.syncs.values()),
            *(function for one in self.clips.values() for function in (one.begin, one.store)),
            *(one.answer for one in self.impacts.values()),
            *(one.label for one in self.api.labels.values()),
            *(one.request for one in self.api.clips.values()),
        ):
            self.users.let_check(function)

    def _let_find_users(self) -> None:
        """Whoever asks about somebody, whose data we may not be allowed to keep any more."""
        for provider, collisions in self.collisions.items():
            for function in (collisions.claim, collisions.ask, self.notices[provider].notice):
                self.users.let_read(function)
            self.users.let_read(self.api.collisions[provider].request)
        for impacts in self.impacts.values():
            self.users.let_read(impacts.answer)
        for lookups in self.api.lookups.values():
            self.users.let_read(lookups.look_up)
        manage = self.api.users.manage
        self.users.let_manage(manage)
        self.users.let_list(manage)
        self.users.let_log(manage)
        self.users.let_read_log(manage)
        for discards in self.api.discards.values():
            self.users.let_hash(discards.discard)
            self.users.let_log(discards.discard)

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
            **self.users.outputs,
            "DeadLettersFunctions": self.functions.dead_letters.queue_url,
            "DeadLettersSchedules": self.schedules.dead_letters.queue_url,
            "AlarmTopic": self.alarms.topic.topic_arn,
            "WatchDesk": self.watch.look.function_name,
            "ErasureMachine": self.erasure.machine.state_machine_arn,
            "TendingMachine": self.tending.machine.state_machine_arn,
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
        for provider, collisions in self.collisions.items():
            outputs[f"CollisionMachine{provider.id}"] = collisions.machine.state_machine_arn
        return outputs
