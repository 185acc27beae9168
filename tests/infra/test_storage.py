"""Data is private, encrypted, and neither lost by a deployment nor kept from erasure."""

import pytest

from telematics.tasks import BY_OPEN, BY_PROVIDER_TASK
from tests.infra.template import Template, listed, referred

BUCKETS = {"Raw", "Lake", "Media", "Results"}
TABLES = {"Ledger", "Tasks", "Users", "AccessLog"}
VERSIONED = BUCKETS - {"Results"}  # answers can be asked again, and expire after a week


def test_the_logical_ids_of_buckets_and_tables_stay(template: Template) -> None:
    """With another id CloudFormation would make another, empty one."""
    assert set(template.buckets) == BUCKETS
    assert set(template.tables) == TABLES


def test_every_bucket_is_private(template: Template) -> None:
    for bucket in template.buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        [rule] = bucket["OwnershipControls"]["Rules"]
        assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_every_bucket_is_encrypted(template: Template) -> None:
    for bucket in template.buckets.values():
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_every_bucket_answers_over_tls_only(template: Template) -> None:
    protected = {
        referred(policy["Bucket"])
        for policy in template.of_type("AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Action"] == "s3:*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert protected == set(template.buckets)


def test_versions_are_kept_for_some_days_only(template: Template) -> None:
    for id in VERSIONED:
        bucket = template.buckets[id]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        [rule] = bucket["LifecycleConfiguration"]["Rules"]
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] <= 30


def test_results_expire_after_a_week(template: Template) -> None:
    [rule] = template.buckets["Results"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7


def test_uploads_that_were_given_up_go_after_a_day(template: Template) -> None:
    for bucket in template.buckets.values():
        [rule] = bucket["LifecycleConfiguration"]["Rules"]
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_every_table_is_paid_by_use_and_can_be_recovered(template: Template) -> None:
    for table in template.tables.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_ledger_holds_the_files_of_each_provider(template: Template) -> None:
    keys = template.tables["Ledger"]["KeySchema"]
    assert [key["AttributeName"] for key in keys] == ["provider", "file"]


def test_a_task_is_found_by_its_id_or_by_what_the_provider_calls_it(template: Template) -> None:
    tasks = template.tables["Tasks"]
    assert tasks["KeySchema"] == [{"AttributeName": "task_id", "KeyType": "HASH"}]
    index, by_open = tasks["GlobalSecondaryIndexes"]
    assert index["IndexName"] == BY_PROVIDER_TASK
    assert index["KeySchema"] == [{"AttributeName": "provider_task", "KeyType": "HASH"}]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert by_open["IndexName"] == BY_OPEN
    assert [key["AttributeName"] for key in by_open["KeySchema"]] == ["open", "deadline_at"]
    assert set(by_open["Projection"]["NonKeyAttributes"]) == {"provider", "requested_at", "state"}


def test_keys_that_only_keep_requests_from_being_repeated_go_by_themselves(
    template: Template,
) -> None:
    assert template.tables["Tasks"]["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }


def test_on_aws_data_outlives_the_stack(aws: Template) -> None:
    for id in BUCKETS | TABLES:
        assert aws.resources[id]["DeletionPolicy"] == "Retain"
        assert aws.resources[id]["UpdateReplacePolicy"] == "Retain"
    assert all(table["DeletionProtectionEnabled"] for table in aws.tables.values())


def test_in_the_sandbox_data_goes_with_the_stack(sandbox: Template) -> None:
    for id in BUCKETS | TABLES:
        assert sandbox.resources[id]["DeletionPolicy"] == "Delete"
    assert not any(table["DeletionProtectionEnabled"] for table in sandbox.tables.values())


def test_only_objects_in_raw_are_announced_and_without_a_custom_resource(
    template: Template,
) -> None:
    announcing = {
        id for id, bucket in template.buckets.items() if "NotificationConfiguration" in bucket
    }
    assert announcing == {"Raw"}
    assert not [one for one in template.resources.values() if "Notifications" in one["Type"]]


@pytest.mark.parametrize("kind", ["AWS::KMS::Key", "AWS::EC2::VPC"])
def test_nothing_needs_a_key_or_a_network_of_its_own(template: Template, kind: str) -> None:
    assert template.of_type(kind) == {}


def test_every_queue_is_encrypted_and_answers_over_tls_only(template: Template) -> None:
    protected = {
        referred(queue)
        for policy in template.of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for queue in listed(policy["Queues"])
    }
    assert protected == set(template.queues)
    assert all(queue["SqsManagedSseEnabled"] for queue in template.queues.values())


def test_every_queue_keeps_its_messages_for_two_weeks(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue").values()
    assert {queue["MessageRetentionPeriod"] for queue in queues} == {14 * 86_400}
