"""Least privilege: every role may do what its work needs, on what it needs it for."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from telematics.catalog import Provider
from telematics.tasks import BY_PROVIDER_TASK
from tests.infra.template import Template, flat, listed, referred

# These know no resources. None of them reads or writes data of ours.
ON_EVERYTHING = {
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
SECRETS = "secretsmanager:GetSecretValue"
ASKS_THE_GATE = {"dynamodb:Query", SECRETS}
ON_A_TASK = {"dynamodb:GetItem", "dynamodb:UpdateItem"}
# Where all functions share an access token: it is a version of the secret.
LOGS_IN = {SECRETS, "secretsmanager:PutSecretValue", *ON_A_TASK}
FROM_A_QUEUE = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}


def allowed(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, policy in template.of_type("AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield id, statement


def granted(template: Template, verb: str, provider: str, action: str) -> set[str]:
    """On what the function of one provider may do one thing."""
    return {
        flat(resource)
        for function in template.functions.values()
        if function["Handler"] == f"{verb}.handler"
        and function["Environment"]["Variables"].get("PROVIDER") == provider
        for statement in template.statements(referred(function["Role"]))
        if action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def raw_datasets(provider: Provider) -> set[str]:
    """What it sends, and what is kept beside that."""
    sent = {webhook.dataset for webhook in provider.webhooks}
    return sent | {dataset.name for dataset in provider.datasets if not dataset.part_of}


def test_no_action_is_a_wildcard(template: Template) -> None:
    for id, statement in allowed(template):
        assert statement["Effect"] == "Allow"
        for action in listed(statement["Action"]):
            assert "*" not in action, (id, action)


def test_only_tracing_and_the_delivery_of_logs_are_allowed_on_everything(
    template: Template,
) -> None:
    for id, statement in allowed(template):
        if any(flat(resource) == "*" for resource in listed(statement["Resource"])):
            assert set(listed(statement["Action"])) <= ON_EVERYTHING, id


def test_a_wildcard_within_a_resource_only_stands_at_its_end_under_a_name_of_ours(
    template: Template,
) -> None:
    wide = {
        flat(resource)
        for _, statement in allowed(template)
        for resource in listed(statement["Resource"])
        if "*" in flat(resource) and flat(resource) != "*"
    }
    arn = "arn:<AWS::Partition>:{}:<AWS::Region>:<AWS::AccountId>:{}"
    [day] = (id for id in template.machines if "OffloadDay" in id)
    [erasure] = (id for id in template.machines if "Erasure" in id)
    filming = [one for one in template.providers.values() if one.clips or one.syncs]
    # Athena's answers have names that it makes up, where there is an Athena.
    answers = {"<Results.Arn>/answers/*"} if template.of_type("Custom::LakeViews") else set()
    assert wide == answers | {
        "<Raw.Arn>/*",
        "<Raw.Arn>/sentiance/*",
        "<Raw.Arn>/move/timeline/*",
        "<Raw.Arn>/move/notifications/*",
        "<Raw.Arn>/move/timeline_items/*",
        "<Raw.Arn>/move/points/*",
        "<Raw.Arn>/zendrive/notifications/*",
        "<Raw.Arn>/zendrive/collision_details/*",
        "<Raw.Arn>/zendrive/collision_reads/*",
        "<Raw.Arn>/zendrive/trip_reads/*",
        *(f"<Raw.Arn>/{one.name}/{dataset}/*" for one in filming for dataset in raw_datasets(one)),
        *(f"<Media.Arn>/{one.name}/*" for one in filming),
        "<Lake.Arn>/*",
        "<Lake.Arn>/warehouse/telematics.db/*",
        "<Lake.Arn>/warehouse/telematics.db/move_*",
        "<Lake.Arn>/warehouse/telematics.db/user_links/*",
        arn.format("glue", "table/telematics/*"),
        arn.format("states", f"execution:<{day}.Name>:*"),
        # Who is erased may be anywhere.
        "<Media.Arn>/*",
        "<Results.Arn>/*",
        "<Results.Arn>/erasures/*",
        arn.format("states", f"execution:<{erasure}.Name>:*"),
    }


def test_no_role_has_a_policy_that_somebody_else_writes(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role


def test_every_role_is_assumed_by_one_service_only(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role").values():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert list(statement["Principal"]) == ["Service"]
        assert isinstance(statement["Principal"]["Service"], str)


@pytest.mark.parametrize(
    ("verb", "actions"),
    [
        (
            "convert",
            {
                *ASKS_THE_GATE,
                *FROM_A_QUEUE,
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                "glue:CreateTable",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:UpdateTable",
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:PutObject",
            },
        ),
        ("plan_offloads", {SECRETS, "dynamodb:Query", "dynamodb:UpdateItem"}),
        (
            "fetch_offload",
            {
                SECRETS,
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                "events:PutEvents",
                "s3:AbortMultipartUpload",
                "s3:PutObject",
            },
        ),
        ("receive_webhook", {SECRETS, "s3:PutObject"}),
        (
            "enrich",
            {
                *ASKS_THE_GATE,
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                "events:PutEvents",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
                *FROM_A_QUEUE,
            },
        ),
        (
            "plan_reconciliation",
            {
                "dynamodb:Query",
                "glue:GetDatabase",
                "glue:GetTable",
                "s3:GetObject",
                "s3:ListBucket",
            },
        ),
        ("label_trip", {*ASKS_THE_GATE, "s3:PutObject"}),
        ("look_up", {SECRETS, "s3:PutObject", "dynamodb:GetItem"}),
        (
            "sync_events",
            {
                *LOGS_IN,
                *ASKS_THE_GATE,
                "dynamodb:DeleteItem",
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
            },
        ),
        ("begin_clip", {*LOGS_IN, *ASKS_THE_GATE, "s3:PutObject", "events:PutEvents"}),
        ("poll_clip", {*LOGS_IN, "states:SendTaskSuccess"}),
        ("store_clip", {*LOGS_IN, *ASKS_THE_GATE, "s3:PutObject", "s3:AbortMultipartUpload"}),
        (
            "answer_impact",
            {*LOGS_IN, *ASKS_THE_GATE, "s3:GetObject", "s3:ListBucket", "events:PutEvents"},
        ),
        ("discard_event", {*LOGS_IN, "dynamodb:PutItem"}),
        ("finish_clip", {*ON_A_TASK, "s3:PutObject", "events:PutEvents"}),
        (
            "resume_task",
            {
                *ON_A_TASK,
                "dynamodb:Query",
                "s3:GetObject",
                "s3:ListBucket",
                "states:SendTaskSuccess",
            },
        ),
        ("request_clip", {*ON_A_TASK, *ASKS_THE_GATE, "events:PutEvents"}),
        ("show_clip", {"dynamodb:GetItem"}),
        (
            "watch_desk",
            {
                *ON_A_TASK,
                "dynamodb:BatchGetItem",
                "dynamodb:Query",
                "secretsmanager:DescribeSecret",
                "sns:Publish",
                "sqs:GetQueueAttributes",
            },
        ),
        ("account_offloads", {"dynamodb:Query", "dynamodb:UpdateItem", "events:PutEvents"}),
        (
            "mirror_users",
            {
                "dynamodb:BatchGetItem",
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "glue:CreateTable",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:UpdateTable",
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
            },
        ),
        (
            "define_views",
            {
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
                "glue:CreateTable",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:UpdateTable",
                "s3:AbortMultipartUpload",
                "s3:GetBucketLocation",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
            },
        ),
        (
            "migrate_lake",
            {
                "glue:CreateTable",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:UpdateTable",
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
            },
        ),
    ],
)
def test_a_function_may_do_just_this(template: Template, verb: str, actions: set[str]) -> None:
    every = {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
    for function in template.functions.values():
        of = template.providers.get(function["Environment"]["Variables"].get("PROVIDER", ""))
        is_called_back = of is not None and of.collisions  # see test_collisions
        if function["Handler"] == f"{verb}.handler" and not is_called_back:
            statements = template.statements(referred(function["Role"]))
            may = {action for one in statements for action in listed(one["Action"])}
            assert may == actions | every


def test_a_webhook_is_only_kept_where_it_belongs(template: Template) -> None:
    for provider in template.providers.values():
        assert granted(template, "receive_webhook", provider.name, "s3:PutObject") == {
            f"<Raw.Arn>/{provider.name}/{webhook.dataset}/*" for webhook in provider.webhooks
        }


def test_what_is_asked_for_is_kept_beside_what_is_sent_and_our_own_records_beside_both(
    acme: Template,
) -> None:
    kept = {
        verb: granted(acme, verb, "acme", "s3:PutObject")
        for verb in ("receive_webhook", "sync_events", "begin_clip", "finish_clip", "store_clip")
    }
    records = {"<Raw.Arn>/acme/clips/*"}
    assert kept == {
        "receive_webhook": {"<Raw.Arn>/acme/messages/*"},
        "sync_events": {"<Raw.Arn>/acme/events/*", "<Media.Arn>/acme/*"},
        "begin_clip": records,
        "finish_clip": records,
        "store_clip": {"<Media.Arn>/acme/*"},
    }


def test_who_changes_a_task_changes_nothing_else(acme: Template) -> None:
    for verb in ("begin_clip", "poll_clip", "store_clip", "finish_clip", "request_clip"):
        assert granted(acme, verb, "acme", "dynamodb:UpdateItem") == {"<Tasks.Arn>"}
    asked = granted(acme, "resume_task", "acme", "dynamodb:Query")
    assert asked == {f"<Tasks.Arn>/index/{BY_PROVIDER_TASK}"}


def test_a_wait_is_ended_by_who_polls_or_resumes_and_only_in_the_providers_own_machine(
    acme: Template,
) -> None:
    [machine] = (id for id in acme.machines if "ClipAcme" in id)
    for verb in ("poll_clip", "resume_task"):
        assert granted(acme, verb, "acme", "states:SendTaskSuccess") == {f"<{machine}>"}


@pytest.mark.parametrize("verb", ["enrich", "label_trip"])
def test_details_are_kept_beside_what_was_sent_and_never_over_it(
    template: Template, verb: str
) -> None:
    sent = granted(template, "receive_webhook", "move", "s3:PutObject")
    details = granted(template, verb, "move", "s3:PutObject")
    assert "<Raw.Arn>/move/timeline_items/*" in details
    assert all(resource.startswith("<Raw.Arn>/move/") for resource in details)
    assert not sent & details


def test_enrich_reads_what_told_of_details_and_nothing_of_other_providers(
    template: Template,
) -> None:
    for provider in template.providers.values():
        assert granted(template, "enrich", provider.name, "s3:GetObject") == {
            f"<Raw.Arn>/{provider.name}/{dataset}/*" for dataset in provider.enriched
        }


def test_a_reconciliation_reads_its_own_providers_tables_only(template: Template) -> None:
    tables = granted(template, "plan_reconciliation", "move", "glue:GetTable")
    named = {arn.split(":table/")[1] for arn in tables if ":table/" in arn}
    datasets = template.providers["move"].datasets
    assert named == {f"telematics/move_{dataset.name}" for dataset in datasets}
    files = granted(template, "plan_reconciliation", "move", "s3:GetObject")
    assert files == {"<Lake.Arn>/warehouse/telematics.db/move_*"}


@pytest.mark.parametrize("verb", ["enrich", "plan_reconciliation"])
def test_messages_are_sent_to_nobody_but_the_providers_enrich_beside_dead_letters(
    template: Template, verb: str
) -> None:
    queues = granted(template, verb, "move", "sqs:SendMessage")
    asked = {queue for queue in queues if "FunctionsDeadLetters" not in queue}
    assert len(asked) == 1
    assert asked == granted(template, "enrich", "move", "sqs:ReceiveMessage")


def test_the_access_log_is_only_added_to(acme: Template) -> None:
    assert granted(acme, "discard_event", "acme", "dynamodb:PutItem") == {"<AccessLog.Arn>"}


def test_a_machine_may_call_exactly_the_functions_of_its_states(template: Template) -> None:
    for id, machine in template.machines.items():
        definition = flat(machine["DefinitionString"])
        may_call = {
            referred(resource)
            for statement in template.statements(referred(machine["RoleArn"]))
            if listed(statement["Action"]) == ["lambda:InvokeFunction"]
            for resource in listed(statement["Resource"])
        }
        called = {function for function in template.functions if f"<{function}." in definition}
        assert may_call == called, id
