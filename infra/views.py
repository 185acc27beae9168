"""The canonical views in Athena: made by `define_views` whenever one of their files changes."""

from aws_cdk import CustomResource, Duration
from constructs import Construct

from infra.cli import views
from infra.function import Functions, TelematicsFunction
from infra.lake import DATABASE, FILES, Lake
from infra.storage import Storage

DEFINING = Duration.minutes(10)


class Views(Construct):
    """The files of `sql/views` as they are, in the order in which they read each other."""

    def __init__(
        self, scope: Construct, id: str, *, storage: Storage, functions: Functions, lake: Lake
    ) -> None:
        super().__init__(scope, id)
        self.define = TelematicsFunction(
            self,
            "DefineViews",
            verb="define_views",
            shared=functions,
            timeout=DEFINING,
            memory_mb=256,
            environment={"DATABASE": DATABASE, "WORKGROUP": lake.workgroup.name},
        )
        self._grant(storage, lake)
        defined = CustomResource(
            self,
            "Defined",
            service_token=self.define.function_arn,
            resource_type="Custom::LakeViews",
            service_timeout=DEFINING,
            properties={
                "Views": [{"Name": one.name, "Sql": one.sql} for one in views.views().values()],
                # A view is stale once a table that it reads has changed.
                "Tables": lake.digest,
            },
        )
        defined.node.add_dependency(self.define, lake.tables, lake.workgroup)

    def _grant(self, storage: Storage, lake: Lake) -> None:
        files, answers = f"{FILES}/*", "answers/*"
        self.define.may(
            "athena:StartQueryExecution",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            on=lake.workgroup_arn,
        )
        self.define.may("glue:GetDatabase", "glue:GetTable", on=lake.tables_arns)
        self.define.may(
            "glue:CreateTable", "glue:UpdateTable", on=lake.tables_arns_named(*views.views())
        )
        # Athena looks at what a view reads, with the rights of who asks.
        self.define.may(
            "s3:GetBucketLocation",
            "s3:ListBucket",
            on=[storage.lake.bucket_arn, storage.results.bucket_arn],
        )
        self.define.may("s3:GetObject", on=storage.lake.arn_for_objects(files))
        self.define.may(
            "s3:GetObject",
            "s3:PutObject",
            "s3:AbortMultipartUpload",
            on=storage.results.arn_for_objects(answers),
        )
        for resource, reason in (
            (f"<Lake.Arn>/{files}", "Tables are files with names that pyiceberg makes up."),
            (f"<Results.Arn>/{answers}", "Athena makes up the names of its answers."),
        ):
            self.define.acknowledge(f"AwsSolutions-IAM5[Resource::{resource}]", reason)
