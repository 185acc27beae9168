"""The users: kept for good, found through small indexes, and each function may do its part only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk.assertions import Template as Synthesized

from infra.function import Functions, TelematicsFunction
from infra.layers import Layers
from infra.monitoring import Alarms
from infra.stages import STAGES
from infra.users import Users
from telematics.users.gate import LONGEST_SECONDS
from telematics.users.items import BY_GATE, BY_LISTED_AS
from tests.infra.template import Properties, Template, flat, listed, referred

USERS, GATE, LIST = (
    "<Users.Arn>",
    f"<Users.Arn>/index/{BY_GATE}",
    f"<Users.Arn>/index/{BY_LISTED_AS}",
)
LOG, KEY = "<AccessLog.Arn>", "<IdentityKey>"
HASH = ("secretsmanager:GetSecretValue", KEY)


def test_a_user_is_found_by_our_id(template: Template) -> None:
    users = template.tables["Users"]
    assert users["KeySchema"] == [{"AttributeName": "user_id", "KeyType": "HASH"}]


def test_the_index_of_the_gate_holds_whom_it_keeps_out_and_why(template: Template) -> None:
    index = indexes(template)[BY_GATE]
    assert index["KeySchema"] == [{"AttributeName": "gate", "KeyType": "HASH"}]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]}


def test_the_index_of_users_by_status_has_them_in_order_and_holds_their_ids_only(
    template: Template,
) -> None:
    index = indexes(template)[BY_LISTED_AS]
    assert index["KeySchema"] == [
        {"AttributeName": "listed_as", "KeyType": "HASH"},
        {"AttributeName": "user_id", "KeyType": "RANGE"},
    ]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_who_follows_the_users_is_told_of_whom_and_not_what(template: Template) -> None:
    stream = {"StreamViewType": "KEYS_ONLY"}
    assert template.tables["Users"]["StreamSpecification"] == stream
    others = {id for id, table in template.tables.items() if "StreamSpecification" in table}
    assert others == {"Users"}


def test_the_access_log_is_by_subject_in_the_order_of_time(template: Template) -> None:
    assert template.tables["AccessLog"]["KeySchema"] == [
        {"AttributeName": "subject", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ]
    assert "TimeToLiveSpecification" not in template.tables["AccessLog"]


def test_nothing_is_removed_from_the_access_log_and_only_an_erasure_changes_a_line(
    template: Template,
) -> None:
    """Somebody may be named in the reason of a line."""
    adding, asking = {"dynamodb:PutItem"}, {"dynamodb:Query", "dynamodb:Scan"}
    for function in template.functions.values():
        is_erasing = function["Handler"] == "purge_people.handler"
        changing = {"dynamodb:UpdateItem"} if is_erasing else set()
        allowed = {action for action, on in grants(template, function) if on == LOG}
        assert allowed <= adding | asking | changing, function["Handler"]


def test_the_key_of_identities_is_made_by_aws_and_stays(aws: Template, sandbox: Template) -> None:
    for template in (aws, sandbox):
        key = template.of_type("AWS::SecretsManager::Secret")["IdentityKey"]
        assert key["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
        assert "SecretString" not in key
    # With a name, a stack that is deployed again would meet the one that was kept.
    assert "Name" not in aws.of_type("AWS::SecretsManager::Secret")["IdentityKey"]
    assert aws.resources["IdentityKey"]["DeletionPolicy"] == "Retain"
    assert sandbox.resources["IdentityKey"]["DeletionPolicy"] == "Delete"


def test_where_they_are_is_told(template: Template) -> None:
    outputs = template.body["Outputs"]
    assert outputs["UsersTable"]["Value"] == {"Ref": "Users"}
    assert outputs["AccessLogTable"]["Value"] == {"Ref": "AccessLog"}
    assert outputs["IdentityKey"]["Value"] == {"Ref": "IdentityKey"}


def test_a_block_takes_effect_within_half_a_minute() -> None:
    assert all(0 < stage.gate_seconds <= LONGEST_SECONDS for stage in STAGES.values())


@pytest.mark.parametrize(
    ("let", "variables", "allowed"),
    [
        ("let_hash", {"IDENTITY_KEY_ARN"}, {HASH}),
        (
            "let_check",
            {"IDENTITY_KEY_ARN", "USERS_TABLE", "GATE_SECONDS"},
            {HASH, ("dynamodb:Query", GATE)},
        ),
        ("let_read", {"IDENTITY_KEY_ARN", "USERS_TABLE"}, {HASH, ("dynamodb:GetItem", USERS)}),
        (
            "let_list",
            {"USERS_TABLE"},
            {("dynamodb:Query", LIST), ("dynamodb:BatchGetItem", USERS)},
        ),
        (
            "let_manage",
            {"IDENTITY_KEY_ARN", "USERS_TABLE"},
            {
                HASH,
                ("dynamodb:GetItem", USERS),
                ("dynamodb:PutItem", USERS),
                ("dynamodb:DeleteItem", USERS),
            },
        ),
        ("let_log", {"ACCESS_LOG_TABLE"}, {("dynamodb:PutItem", LOG)}),
        ("let_read_log", {"ACCESS_LOG_TABLE"}, {("dynamodb:Query", LOG)}),
    ],
)
def test_a_function_is_given_what_one_thing_takes_and_no_more(
    tmp_path: Path, let: str, variables: set[str], allowed: set[tuple[str, str]]
) -> None:
    before, after = small_stack(tmp_path / "before", None), small_stack(tmp_path / "after", let)
    [then], [now] = before.functions.values(), after.functions.values()
    assert environment(now) - environment(then) == variables
    assert grants(after, now) - grants(before, then) == allowed


def small_stack(folder: Path, let: str | None) -> Template:
    """The users, and one function."""
    stack = Stack(App(outdir=str(folder)), "small")
    alarms = Alarms(stack, "Alarms")
    layers = Layers(stack, "Layers", dependencies=False, built=folder)
    users = Users(stack, "Users", retain=True, gate_seconds=10)
    function = TelematicsFunction(
        stack,
        "Convert",
        verb="convert",
        shared=Functions(stack, "Functions", layers=layers, alarms=alarms),
        timeout=Duration.minutes(1),
        memory_mb=128,
        environment={},
    )
    if let:
        method: Callable[[TelematicsFunction], None] = getattr(users, let)
        method(function)
    return Template(Synthesized.from_stack(stack).to_json(), {})


def environment(function: Properties) -> set[str]:
    return set(function["Environment"]["Variables"])


def grants(template: Template, function: Properties) -> set[tuple[str, str]]:
    return {
        (action, flat(resource))
        for statement in template.statements(referred(function["Role"]))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def indexes(template: Template) -> dict[str, Any]:
    found = template.tables["Users"]["GlobalSecondaryIndexes"]
    return {one["IndexName"]: one for one in found}
