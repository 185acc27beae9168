"""The architecture on one screen: constructs, then grants, then outputs."""

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.acknowledgments import acknowledge_everywhere
from infra.bus import Bus
from infra.function import Functions
from infra.lake import DATABASE, Lake
from infra.layers import Layers
from infra.loading import Loading
from infra.monitoring import Alarms
from infra.offloads import Offloads
from infra.providers import ProviderAccess
from infra.queries import SavedQueries
from infra.schedules import Schedules
from infra.stages import StageSettings
from infra.storage import Storage
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
        self.loading = Loading(
            self,
            "Loading",
            storage=self.storage,
            lake=self.lake,
            functions=self.functions,
            attempts=settings.loading_attempts,
        )
        self.access = {
            one: ProviderAccess(self, f"{one.id}Access", provider=one) for one in providers
        }
        self.offloads = {
            one: self._offloads(one, settings) for one in providers if one.fetches_offloads
        }
        if settings.saved_queries:
            SavedQueries(self, "Queries", database=DATABASE, workgroup=self.lake.workgroup.name)

        self._grant_fetching()
        self._grant_loading()
        acknowledge_everywhere(self, providers)
        for key, value in self._outputs().items():
            CfnOutput(self, key, value=value)

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

    def _grant_fetching(self) -> None:
        raw, ledger = self.storage.raw, self.storage.ledger.table_arn
        for provider, flow in self.offloads.items():
            for function in (flow.plan, flow.fetch):
                function.may("secretsmanager:GetSecretValue", on=self.access[provider].secret_arn)
            for function in (flow.fetch, flow.account):
                function.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
            flow.plan.may("dynamodb:Query", "dynamodb:UpdateItem", on=ledger)
            flow.fetch.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=ledger)
            flow.fetch.may(
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                on=raw.arn_for_objects(f"{provider.name}/*"),
            )
            flow.account.may("dynamodb:Query", "dynamodb:UpdateItem", on=ledger)
            flow.day_machine.may("dynamodb:Query", on=ledger)
            flow.day_machine.may_call(flow.fetch, flow.account)
            flow.machine.may_call(flow.plan)
            flow.machine.may_run(flow.day_machine)

    def _grant_loading(self) -> None:
        raw, lake, ledger = self.storage.raw, self.storage.lake, self.storage.ledger.table_arn
        convert = self.loading.convert
        convert.may("s3:GetObject", on=raw.arn_for_objects("*"))
        convert.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=ledger)
        # Who may not list a bucket is told that an object is forbidden when it isn't there.
        convert.may("s3:ListBucket", on=raw.bucket_arn)
        for function in (convert, self.lake.migrate):
            function.may("s3:ListBucket", on=lake.bucket_arn)
            function.may(
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
                on=lake.arn_for_objects("*"),
            )
            function.may(
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:CreateTable",
                "glue:UpdateTable",
                on=self.lake.tables_arns,
            )

    def _outputs(self) -> dict[str, str]:
        storage, loading = self.storage, self.loading
        outputs = {
            "RawBucket": storage.raw.bucket_name,
            "LakeBucket": storage.lake.bucket_name,
            "MediaBucket": storage.media.bucket_name,
            "ResultsBucket": storage.results.bucket_name,
            "LedgerTable": storage.ledger.table_name,
            "BusName": self.bus.bus.event_bus_name,
            "Database": DATABASE,
            "Workgroup": self.lake.workgroup.ref,
            "QueueConvert": loading.queue.queue_url,
            "DeadLettersConvert": loading.dead_letters.queue_url,
            "DeadLettersFunctions": self.functions.dead_letters.queue_url,
            "DeadLettersSchedules": self.schedules.dead_letters.queue_url,
            "AlarmTopic": self.alarms.topic.topic_arn,
        }
        for provider, access in self.access.items():
            outputs[f"{provider.id}Secret"] = access.secret_arn
        for provider, flow in self.offloads.items():
            outputs[f"OffloadsMachine{provider.id}"] = flow.machine.state_machine_arn
            outputs[f"OffloadDayMachine{provider.id}"] = flow.day_machine.state_machine_arn
        return outputs
