"""What erasing people takes: functions that may read all that is kept, and one that deletes it."""

from collections.abc import Mapping, Sequence

from infra.erasure import Erasure
from infra.flow import Site
from infra.function import TelematicsFunction
from infra.providers import ProviderAccess
from infra.storage import Bucket
from telematics.catalog import Provider

NOTES = "erasures/*"
LISTS = ("s3:ListBucket", "s3:ListBucketVersions")
READS = ("s3:GetObject", "s3:GetObjectVersion")
WRITES = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion")
LOOKS = ("sqs:ReceiveMessage", "sqs:ChangeMessageVisibility")


def grant(flow: Erasure, site: Site, access_log_arn: str) -> None:
    storage = site.storage
    buckets = (storage.raw, storage.lake, storage.media, storage.results)
    ours = (storage.tasks.table_arn, storage.ledger.table_arn, access_log_arn)
    letters = [one.queue_arn for one in flow.letters]
    for function in (flow.begin, flow.finish):
        function.may("dynamodb:GetItem", "dynamodb:UpdateItem", on=storage.tasks.table_arn)
    for function in (*flow.revoke.values(), flow.purge, flow.verify, flow.finish):
        _take_notes(function, storage.results)
    flow.verify.may("s3:DeleteObject", on=storage.results.arn_for_objects(NOTES))
    for provider, function in flow.revoke.items():
        _read_secret(function, site.access, provider)
    for function in (flow.purge, flow.verify):
        _on_all(function, *READS, buckets=buckets)
        function.may(*LISTS, on=[one.bucket_arn for one in buckets])
        function.may("glue:GetDatabase", "glue:GetTable", on=site.lake.tables_arns)
        function.may("glue:GetTables", on=site.lake.tables_arns)
        function.may("dynamodb:Scan", on=list(ours))
        function.may(*LOOKS, on=letters)
    _on_all(flow.purge, *WRITES, buckets=buckets)
    flow.purge.may("glue:UpdateTable", on=site.lake.tables_arns)
    flow.purge.may("dynamodb:DeleteItem", on=storage.tasks.table_arn)
    flow.purge.may("dynamodb:UpdateItem", on=[storage.ledger.table_arn, access_log_arn])
    flow.purge.may("sqs:DeleteMessage", on=letters)
    flow.finish.may("events:PutEvents", on=site.bus.bus.event_bus_arn)
    flow.machine.may_call(flow.begin, *flow.revoke.values(), flow.purge, flow.verify, flow.finish)


def _take_notes(function: TelematicsFunction, results: Bucket) -> None:
    function.may("s3:GetObject", "s3:PutObject", on=results.arn_for_objects(NOTES))
    function.may("s3:ListBucket", on=results.bucket_arn)
    function.acknowledge(
        f"AwsSolutions-IAM5[Resource::<Results.Arn>/{NOTES}]", "Notes of passes of erasures."
    )


def _read_secret(
    function: TelematicsFunction, access: Mapping[Provider, ProviderAccess], provider: Provider
) -> None:
    function.may("secretsmanager:GetSecretValue", on=access[provider].secret_arn)


def _on_all(function: TelematicsFunction, *actions: str, buckets: Sequence[Bucket]) -> None:
    function.may(*actions, on=[one.arn_for_objects("*") for one in buckets])
    for name in ("Media", "Results"):
        function.acknowledge(
            f"AwsSolutions-IAM5[Resource::<{name}.Arn>/*]",
            "Whatever is kept may be about those who are erased, wherever it is.",
        )
