"""Where data rests: the four buckets, the ledger and the tasks."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.identity import pin, resource_of


class Bucket(s3.Bucket):
    """Private, TLS only, encrypted."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        removal_policy: RemovalPolicy,
        versions_kept_for: Duration | None = None,
        expire_after: Duration | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=versions_kept_for is not None,
            removal_policy=removal_policy,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    expiration=expire_after,
                    noncurrent_version_expiration=versions_kept_for,
                    expired_object_delete_marker=True if versions_kept_for else None,
                )
            ],
        )
        pin(self, id)

    def announce_objects(self) -> None:
        """Put an event on the account's default bus for each object, without a custom resource."""
        resource = cast(s3.CfnBucket, resource_of(self))
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )


class Table(dynamodb.Table):
    """Paid by use, and recoverable to any second of the last five weeks."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        partition_key: str,
        sort_key: str | None = None,
        expires_at: str | None = None,
        streams_keys: bool = False,
        retain: bool,
    ) -> None:
        super().__init__(
            scope,
            id,
            stream=dynamodb.StreamViewType.KEYS_ONLY if streams_keys else None,
            partition_key=_text(partition_key),
            sort_key=_text(sort_key) if sort_key else None,
            time_to_live_attribute=expires_at,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=retain,
            removal_policy=RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY,
        )
        pin(self, id)

    def find_by(
        self, attribute: str, *, within: str | None = None, knowing: Sequence[str] = ()
    ) -> str:
        """An index of those items that have it, in the order of `within`; its ARN.

        It holds their keys, and what else it is to know of them.
        """
        name, kind = f"by_{attribute}", dynamodb.ProjectionType
        self.add_global_secondary_index(
            index_name=name,
            partition_key=_text(attribute),
            sort_key=_text(within) if within else None,
            projection_type=kind.INCLUDE if knowing else kind.KEYS_ONLY,
            non_key_attributes=list(knowing) or None,
        )
        return f"{self.table_arn}/index/{name}"


class Storage(Construct):
    """The zones raw, lake, media and results; the ledger of the providers' files, and the tasks.

    Versions that were replaced or deleted go after some days, so that erasure reaches them all.
    """

    def __init__(self, scope: Construct, id: str, *, retain: bool) -> None:
        super().__init__(scope, id)
        policy = RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY
        month, week = Duration.days(30), Duration.days(7)
        self.raw = Bucket(self, "Raw", removal_policy=policy, versions_kept_for=month)
        self.raw.announce_objects()
        self.lake = Bucket(self, "Lake", removal_policy=policy, versions_kept_for=week)
        self.media = Bucket(self, "Media", removal_policy=policy, versions_kept_for=month)
        self.results = Bucket(self, "Results", removal_policy=policy, expire_after=week)
        self.ledger = Table(
            self, "Ledger", partition_key="provider", sort_key="file", retain=retain
        )
        self.tasks = Table(
            self, "Tasks", partition_key="task_id", expires_at="expires_at", retain=retain
        )
        self.tasks_by_provider_task = self.tasks.find_by("provider_task")
        self.tasks_by_open = self.tasks.find_by(
            "open", within="deadline_at", knowing=["provider", "requested_at", "state"]
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
