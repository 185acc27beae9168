"""Least privilege: every role may do what its work needs, on what it needs it for."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.infra.template import Template, flat, listed, referred

# These know no resources. None of them reads or writes data of ours.
ON_EVERYTHING = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
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


def allowed(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, policy in template.of_type("AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield id, statement


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
    assert wide == {
        "<Raw.Arn>/*",
        "<Raw.Arn>/sentiance/*",
        "<Lake.Arn>/*",
        arn.format("glue", "table/telematics/*"),
        arn.format("states", f"execution:<{day}.Name>:*"),
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
        ("account_offloads", {"dynamodb:Query", "dynamodb:UpdateItem", "events:PutEvents"}),
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
        if function["Handler"] == f"{verb}.handler":
            statements = template.statements(referred(function["Role"]))
            granted = {action for one in statements for action in listed(one["Action"])}
            assert granted == actions | every


def test_only_who_talks_to_a_provider_reads_its_secret(template: Template) -> None:
    readers = {
        function["Handler"]
        for function in template.functions.values()
        for statement in template.statements(referred(function["Role"]))
        if SECRETS in listed(statement["Action"])
    }
    assert readers == {"plan_offloads.handler", "fetch_offload.handler"}


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


def test_secrets_start_empty_and_keep_their_logical_ids(template: Template) -> None:
    """With another id CloudFormation would make another secret, and forget the keys."""
    secrets = template.of_type("AWS::SecretsManager::Secret")
    assert {id: secret["Name"] for id, secret in secrets.items()} == {
        "SentianceKeys": "telematics/sentiance"
    }
    assert all(secret["SecretString"] == "{}" for secret in secrets.values())
