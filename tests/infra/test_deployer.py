"""Who deploys may do what this template needs, and nothing else."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.deployer import DOCS, MOST_CHARACTERS, policies
from infra.deployer_needs import CUSTOM, NEEDS
from tests.infra.template import Template

FILES = ("deployer-policy.json", "execution-policy-data.json", "execution-policy-work.json")
EXECUTION = FILES[1:]
# These services know no resources for it, or Lambda names what it makes.
ON_EVERYTHING = {
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "secretsmanager:GetRandomPassword",
}
BESIDE = {"iam:PassRole", "s3:GetObject", "ssm:GetParameters"}
# How CloudFormation names what has no name in the template; {} is the logical id.
GIVEN = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:eu-west-1:1:alarm:telematics-{}-x",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-west-1:1:table/telematics-{}-x",
    "AWS::IAM::Role": "arn:aws:iam::1:role/telematics-{}-x",
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:1:function:telematics-{}-x",
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:eu-west-1:1:layer:{}:1",
    "AWS::S3::Bucket": "arn:aws:s3:::telematics-{}-x",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:1:telematics-{}-x",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-1:1:telematics-{}-x",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:eu-west-1:1:stateMachine:{}-x",
}
NAMED = {
    "AWS::Athena::WorkGroup": ("Name", "arn:aws:athena:eu-west-1:1:workgroup/{}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "arn:aws:cloudwatch::1:dashboard/{}"),
    "AWS::Events::Archive": ("ArchiveName", "arn:aws:events:eu-west-1:1:archive/{}"),
    "AWS::Events::EventBus": ("Name", "arn:aws:events:eu-west-1:1:event-bus/{}"),
    "AWS::Scheduler::ScheduleGroup": ("Name", "arn:aws:scheduler:eu-west-1:1:schedule-group/{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:aws:logs:eu-west-1:1:log-group:{}"),
    "AWS::SecretsManager::Secret": ("Name", "arn:aws:secretsmanager:eu-west-1:1:secret:{}-x"),
}


def published(name: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads((DOCS / name).read_text())["Statement"]
    return statements


def allowed() -> Iterator[tuple[str, list[str]]]:
    """Each action for CloudFormation, and on what."""
    for name in EXECUTION:
        for statement in published(name):
            for action in statement["Action"]:
                yield action, statement["Resource"]


def may(action: str, arn: str) -> bool:
    return any(
        action == one and any(fnmatchcase(arn, pattern) for pattern in on) for one, on in allowed()
    )


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.resources.values()}


def test_what_is_published_is_what_the_template_needs(aws: Template) -> None:
    for name, policy in policies(aws.body).items():
        said = json.loads((DOCS / name).read_text())
        assert said == policy, f"{name} is out of date: run `python -m infra.deployer`"


@pytest.mark.parametrize("name", FILES)
def test_each_is_short_enough_for_a_managed_policy(name: str) -> None:
    assert len(re.sub(r"\s", "", (DOCS / name).read_text())) <= MOST_CHARACTERS


def test_every_kind_of_resource_can_be_made_read_changed_and_removed(aws: Template) -> None:
    actions = {action for action, _ in allowed()}
    for kind in kinds(aws):
        needs = [need for need in NEEDS if need.is_of(kind)]
        assert needs, f"say in infra.deployer_needs what {kind} takes"
        assert any(need.make and need.read and need.change and need.remove for need in needs), kind
        for need in needs:
            assert set(need.actions) <= actions, kind


def test_nothing_is_allowed_that_no_resource_of_the_template_needs(aws: Template) -> None:
    needed = {
        action
        for need in NEEDS
        if any(need.is_of(kind) for kind in kinds(aws))
        for action in need.actions
    }
    assert {action for action, _ in allowed()} - needed == BESIDE


def test_no_kind_is_described_that_the_template_does_not_have(aws: Template) -> None:
    described = {kind for need in NEEDS for kind in need.kinds}
    assert described - {CUSTOM} <= kinds(aws)


def test_no_action_is_a_wildcard_and_only_what_knows_no_resources_is_allowed_on_all() -> None:
    for action, resources in allowed():
        assert "*" not in action
        assert ("*" in resources) <= (action in ON_EVERYTHING), action


def test_every_other_resource_is_one_of_this_stack() -> None:
    for action, resources in allowed():
        for one in resources:
            ours = re.search(
                r"telematics|cdk-|stateMachine:\w+\*|layer:Layers\w+\*|IdentityKey", one
            )
            its_own = one in ("arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*")
            assert ours or its_own or one in ("*", "arn:aws:glue:*:*:catalog"), (action, one)


def test_mappings_are_those_of_our_functions() -> None:
    [mappings] = (
        one for one in published(EXECUTION[1]) if "lambda:CreateEventSourceMapping" in one["Action"]
    )
    [arn] = mappings["Condition"]["ArnLike"].values()
    assert arn.endswith(":function:telematics-*")


def test_whatever_a_resource_is_called_it_can_be_removed(aws: Template) -> None:
    """By its name, or by the one that CloudFormation gives it."""
    removing = {kind: need.actions for need in NEEDS for kind in need.kinds if need.remove}
    for id, resource in aws.resources.items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        member, named = NAMED.get(kind, ("", ""))
        if isinstance(properties.get(member), str):
            arn = named.format(properties[member])
        elif kind in GIVEN:
            arn = GIVEN[kind].format(id.lower() if kind == "AWS::S3::Bucket" else id)
        else:
            continue
        removes = [one for one in removing[kind] if ":Delete" in one]
        assert any(may(action, arn) for action in removes), arn


def test_roles_are_handed_to_services_that_need_one_and_to_nobody_else() -> None:
    [passing] = (one for one in published(EXECUTION[1]) if "iam:PassRole" in one["Action"])
    assert passing["Resource"] == ["arn:aws:iam::*:role/telematics-*"]
    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == [
        *("events.amazonaws.com", "lambda.amazonaws.com"),
        *("scheduler.amazonaws.com", "states.amazonaws.com"),
    ]


def test_a_deployment_reads_and_writes_no_keys_and_no_data() -> None:
    actions = {action for action, _ in allowed()}
    reading = {"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "dynamodb:GetItem"}
    assert not actions & (reading | {"dynamodb:Scan", "dynamodb:PutItem", "s3:PutObject"})
    assert [on for action, on in allowed() if action == "s3:GetObject"] == [
        ["arn:aws:s3:::cdk-hnb659fds-assets-*/*"]
    ]


def test_who_deploys_may_only_be_one_of_the_bootstraps_roles() -> None:
    [statement] = published(FILES[0])
    assert statement["Action"] == ["sts:AssumeRole"]
    assert all(":role/cdk-hnb659fds-" in one for one in statement["Resource"])
    assert not any("cfn-exec" in one for one in statement["Resource"])
