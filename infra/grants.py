"""Who may do what, and on what: the least that each needs for its work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.api import PrivateApi
from infra.bus import Bus
from infra.clip_impacts import ClipImpacts
from infra.clips import Clips
from infra.collision_notices import CollisionNotices
from infra.collisions import Collisions
from infra.enrichment import Enrichment
from infra.function import TelematicsFunction
from infra.lake import FILES, Lake
from infra.loading import Loading
from infra.offloads import Offloads
from infra.providers import ProviderAccess
from infra.reconciliation import Reconciliation
from infra.storage import Storage
from infra.sync import Sync
from infra.user_mirror import UserMirror
from infra.webhooks import Webhooks
from telematics.catalog import Provider
from telematics.schemes import HANDED_OUT

UPLOADS = ("s3:PutObject", "s3:AbortMultipartUpload")  # of objects in parts
DEVICES = "device-"  # how the tasks begin that say who drives with which device
USERS = "user_links"  # the lake's table of them
RECORDS = "clips"  # the raw dataset of what became of requests for footage: ours, nobody sends it


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What is there to be read and written; each method is for one way through the stack."""

    access: Mapping[Provider, ProviderAccess]
    storage: Storage
    lake: Lake
    bus: Bus

    def fetch(self, provider: Provider, flow: Offloads) -> None:
        ledger = self.storage.ledger.table_arn
        for function in (flow.plan, flow.fetch):
            self._read_secret(function, provider)
        for function in (flow.fetch, flow.account):
            function.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
        flow.plan.may("dynamodb:Query", "dynamodb:UpdateItem", on=ledger)
        flow.fetch.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=ledger)
        # What is offered is only known once it is listed: also datasets that nobody declared.
        self._on_raw(flow.fetch, *UPLOADS, within=[f"{provider.name}/"])
        flow.account.may("dynamodb:Query", "dynamodb:UpdateItem", on=ledger)
        flow.day_machine.may("dynamodb:Query", on=ledger)
        flow.day_machine.may_call(flow.fetch, flow.account)
        flow.machine.may_call(flow.plan)
        flow.machine.may_run(flow.day_machine)

    def receive(self, webhooks: Webhooks) -> None:
        for provider, function in webhooks.receive.items():
            self._read_secret(function, provider)
            sent = [f"{provider.name}/{dataset}/" for dataset in _sent(provider)]
            self._on_raw(function, "s3:PutObject", within=sent)
            if provider.collisions:
                # Of all tasks only the addresses that were handed out.
                function.may(
                    "dynamodb:GetItem",
                    "dynamodb:UpdateItem",
                    on=self._tasks,
                    keys=f"{HANDED_OUT}*",
                )

    def enrich(self, provider: Provider, flow: Enrichment) -> None:
        raw = self.storage.raw
        told = [f"{provider.name}/{dataset}/" for dataset in provider.enriched]
        self._read_secret(flow.enrich, provider)
        self._on_raw(flow.enrich, "s3:GetObject", within=told)
        self._put_details(flow.enrich, provider)
        # Who may not list a bucket is told that an object is forbidden when it isn't there.
        flow.enrich.may("s3:ListBucket", on=raw.bucket_arn)
        flow.enrich.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self.storage.ledger.table_arn)
        flow.enrich.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
        # What the provider doesn't know yet is asked for again later.
        flow.enrich.may("sqs:SendMessage", on=flow.queue.queue_arn)

    def reconcile(self, provider: Provider, flow: Reconciliation, enrichment: Enrichment) -> None:
        lake = self.storage.lake
        files = f"{FILES}/{provider.name}_*"
        flow.plan.may("s3:ListBucket", on=lake.bucket_arn)
        flow.plan.may("s3:GetObject", on=lake.arn_for_objects(files))
        flow.plan.acknowledge(
            f"AwsSolutions-IAM5[Resource::<Lake.Arn>/{files}]",
            "A provider's own tables are read, which are files with names that pyiceberg makes up.",
        )
        flow.plan.may("glue:GetDatabase", "glue:GetTable", on=self.lake.tables_arns_of(provider))
        flow.plan.may("dynamodb:Query", on=self.storage.ledger.table_arn)
        flow.plan.may("sqs:SendMessage", on=enrichment.queue.queue_arn)
        flow.machine.may_call(flow.plan)

    def desk(self, api: PrivateApi) -> None:
        for provider in api.users.reached:
            self._read_secret(api.users.manage, provider)
        # Which calls of theirs idempotency keys stand for.
        api.users.manage.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        api.users.manage.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
        for provider, labels in api.labels.items():
            self._read_secret(labels.label, provider)
            self._put_details(labels.label, provider)
        for provider, lookup in api.lookups.items():
            self._read_secret(lookup.look_up, provider)
            answers = [f"{provider.name}/{kind}_reads/" for kind in provider.lookups]
            self._on_raw(lookup.look_up, "s3:PutObject", within=answers)
        for provider, discards in api.discards.items():
            self._log_in(discards.discard, provider)
            discards.discard.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        for desk in api.clips.values():
            desk.request.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
            desk.request.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
            desk.show.may("dynamodb:GetItem", on=self._tasks)
        for collisions in api.collisions.values():
            collisions.request.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
            collisions.request.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
            collisions.show.may("dynamodb:GetItem", on=self._tasks)

    def sync(self, provider: Provider, flow: Sync) -> None:
        self._log_in(flow.ask, provider)
        self._put_details(flow.ask, provider)
        # What is there already is not fetched again.
        self._on_media(flow.ask, provider, "s3:GetObject", *UPLOADS)
        flow.ask.may("s3:ListBucket", on=self.storage.media.bucket_arn)
        flow.ask.may(
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            on=self.storage.ledger.table_arn,
        )
        # Of all tasks only who drives with which device.
        flow.ask.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks, keys=f"{DEVICES}*")
        flow.machine.may_call(flow.ask)

    def clip(self, provider: Provider, flow: Clips) -> None:
        for function in (flow.begin, flow.poll, flow.store):
            self._log_in(function, provider)
        for function in (flow.begin, flow.poll, flow.store, flow.finish, flow.resume):
            function.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        self._on_media(flow.store, provider, *UPLOADS)
        # What the provider refuses at once, or has no time to take, ends where it began.
        for function in (flow.begin, flow.finish):
            self._on_raw(function, "s3:PutObject", within=[f"{provider.name}/{RECORDS}/"])
            function.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
        sent = [f"{provider.name}/{dataset}/" for dataset in _sent(provider)]
        self._on_raw(flow.resume, "s3:GetObject", within=sent)
        flow.resume.may("s3:ListBucket", on=self.storage.raw.bucket_arn)
        flow.resume.may("dynamodb:Query", on=self.storage.tasks_by_provider_task)
        flow.machine.may_be_answered_by(flow.poll, flow.resume)
        flow.machine.may_call(flow.begin, flow.poll, flow.store, flow.finish)

    def answer_impact(self, provider: Provider, flow: ClipImpacts) -> None:
        self._log_in(flow.answer, provider)
        told = [f"{provider.name}/{dataset}/" for dataset in provider.impacts]
        self._on_raw(flow.answer, "s3:GetObject", within=told)
        flow.answer.may("s3:ListBucket", on=self.storage.raw.bucket_arn)
        flow.answer.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        flow.answer.may("events:PutEvents", on=self.bus.bus.event_bus_arn)

    def collide(self, provider: Provider, flow: Collisions) -> None:
        self._read_secret(flow.ask, provider)
        for function in (flow.claim, flow.ask, flow.finish, flow.resume):
            function.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        for function in (flow.claim, flow.finish):
            function.may("events:PutEvents", on=self.bus.bus.event_bus_arn)
        flow.machine.may_be_answered_by(flow.ask, flow.resume)
        flow.machine.may_call(flow.ask, flow.finish)

    def notice(self, provider: Provider, flow: CollisionNotices) -> None:
        told = [f"{provider.name}/{dataset}/" for dataset in provider.notified]
        self._on_raw(flow.notice, "s3:GetObject", within=told)
        # Who may not list a bucket is told that an object is forbidden when it isn't there.
        flow.notice.may("s3:ListBucket", on=self.storage.raw.bucket_arn)
        flow.notice.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)
        flow.notice.may("events:PutEvents", on=self.bus.bus.event_bus_arn)

    def mirror(self, flow: UserMirror) -> None:
        lake, files = self.storage.lake, f"{FILES}/{USERS}/*"
        flow.mirror.may("s3:ListBucket", on=lake.bucket_arn)
        flow.mirror.may(
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            on=lake.arn_for_objects(files),
        )
        flow.mirror.acknowledge(
            f"AwsSolutions-IAM5[Resource::<Lake.Arn>/{files}]",
            "The table of users is written, which is files with names that pyiceberg makes up.",
        )
        flow.mirror.may(
            "glue:GetDatabase",
            "glue:GetTable",
            "glue:CreateTable",
            "glue:UpdateTable",
            on=self.lake.tables_arns_named(USERS),
        )

    def load(self, loadings: Iterable[Loading]) -> None:
        raw, lake, ledger = self.storage.raw, self.storage.lake, self.storage.ledger.table_arn
        converts = [loading.convert for loading in loadings]
        for convert in converts:
            # What is of somebody whose data may not be kept goes, in every version.
            convert.may(
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObjectVersion",
                on=raw.arn_for_objects("*"),
            )
            convert.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=ledger)
            # Who may not list a bucket is told that an object is forbidden when it isn't there.
            convert.may("s3:ListBucket", "s3:ListBucketVersions", on=raw.bucket_arn)
        for function in (*converts, self.lake.migrate):
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

    def _read_secret(self, function: TelematicsFunction, provider: Provider) -> None:
        function.may("secretsmanager:GetSecretValue", on=self.access[provider].secret_arn)

    def _log_in(self, function: TelematicsFunction, provider: Provider) -> None:
        """Where all functions share a token, it is a version of the secret, found by a task."""
        self._read_secret(function, provider)
        if provider.shares_token:
            function.add_environment("TASKS_TABLE", self.storage.tasks.table_name)
            function.may("secretsmanager:PutSecretValue", on=self.access[provider].secret_arn)
            function.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._tasks)

    @property
    def _tasks(self) -> str:
        return self.storage.tasks.table_arn

    def _put_details(self, function: TelematicsFunction, provider: Provider) -> None:
        """What a provider neither sends by itself nor as a part of something else is asked for."""
        others = {*_sent(provider), RECORDS}
        asked = [
            one.name for one in provider.datasets if one.name not in others and not one.part_of
        ]
        details = [f"{provider.name}/{dataset}/" for dataset in asked]
        self._on_raw(function, "s3:PutObject", within=details)

    def _on_media(self, function: TelematicsFunction, provider: Provider, *actions: str) -> None:
        key = f"{provider.name}/*"
        function.may(*actions, on=self.storage.media.arn_for_objects(key))
        function.acknowledge(
            f"AwsSolutions-IAM5[Resource::<Media.Arn>/{key}]",
            "A provider's function keeps files under that provider's own prefix.",
        )

    def _on_raw(self, function: TelematicsFunction, *actions: str, within: Iterable[str]) -> None:
        keys = [f"{prefix}*" for prefix in within]
        function.may(*actions, on=[self.storage.raw.arn_for_objects(key) for key in keys])
        for key in keys:
            function.acknowledge(
                f"AwsSolutions-IAM5[Resource::<Raw.Arn>/{key}]",
                "A provider's function works on objects under that provider's own prefixes.",
            )


def _sent(provider: Provider) -> list[str]:
    """Raw datasets of what it sends by itself; several webhooks may bring the same."""
    return list(dict.fromkeys(webhook.dataset for webhook in provider.webhooks))
