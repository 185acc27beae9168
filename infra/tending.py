"""Each night: the lake's tables in few sorted files, and an end to a past that is too old."""

from aws_cdk import CfnParameter, Duration, Size
from constructs import Construct

from infra.flow import Site
from infra.function import TelematicsFunction
from infra.lake import FILES
from infra.machine import Machine
from infra.tending_states import tending
from infra.users import Users

ONE_CORE_MB = 1769
DISK = Size.gibibytes(10)  # where what has no room in memory is sorted
LONGEST = Duration.hours(12)


class Tending(Construct):
    """The machine lists the tables and tends two at a time, call after call until all is done."""

    def __init__(self, scope: Construct, id: str, *, site: Site, users: Users) -> None:
        super().__init__(scope, id)
        self._site = site
        retention = CfnParameter(
            self,
            "LakeRetentionDays",
            type="Number",
            description="For how many days a table of the lake can be asked for as it was.",
            default=7,
            min_value=1,
        )
        retention.override_logical_id("LakeRetentionDays")
        self.tend = TelematicsFunction(
            self,
            "TendLake",
            verb="tend_lake",
            shared=site.functions,
            timeout=Duration.minutes(15),
            memory_mb=ONE_CORE_MB,
            disk=DISK,
            environment={
                **site.lake.environment,
                "LAKE_RETENTION_DAYS": retention.value_as_string,
            },
            uses_lake=True,
        )
        users.let_look(self.tend)
        self._grant()
        self.machine = Machine(
            self,
            "Tending",
            states=tending(tend=self.tend.function_arn, retries=site.retries),
            timeout=LONGEST,
            alarms=site.functions.alarms,
        )
        self.machine.may_call(self.tend)
        site.schedules.daily(
            "Tending",
            hour=4,
            start=self.machine,
            description="Few sorted files for each day of the lake, and no past that is too old.",
        )

    def _grant(self) -> None:
        bucket, files = self._site.storage.lake, f"{FILES}/*"
        self.tend.may("s3:ListBucket", "s3:ListBucketVersions", on=bucket.bucket_arn)
        self.tend.may(
            "s3:GetObject",
            "s3:PutObject",
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            on=bucket.arn_for_objects(files),
        )
        self.tend.acknowledge(
            f"AwsSolutions-IAM5[Resource::<Lake.Arn>/{files}]",
            "All tables are tended, which are files with names that pyiceberg makes up.",
        )
        tables = self._site.lake.tables_arns
        self.tend.may("glue:GetDatabase", "glue:GetTable", "glue:GetTables", on=tables)
        self.tend.may("glue:UpdateTable", on=tables)
