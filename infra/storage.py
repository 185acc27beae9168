"""Where data rests: the four buckets and the ledger."""

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


class Storage(Construct):
    """The zones raw, lake, media and results, and the ledger of the providers' files.

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
        self.ledger = dynamodb.Table(
            self,
            "Ledger",
            partition_key=dynamodb.Attribute(name="provider", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="file", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=retain,
            removal_policy=policy,
        )
        pin(self.ledger, "Ledger")
