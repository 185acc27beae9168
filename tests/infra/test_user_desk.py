"""The desk of users: its calls, what its function may do, and that the API describes itself."""

import json
from collections.abc import Iterator

import pytest

from telematics import openapi
from telematics.catalog import PROVIDERS
from tests.infra.template import Properties, Template, flat, listed, referred

CALLS = {
    "POST /v1/users",
    "GET /v1/users",
    "GET /v1/users/{user_id}",
    "DELETE /v1/users/{user_id}",
    "POST /v1/users/{user_id}/block",
    "POST /v1/users/{user_id}/unblock",
    "POST /v1/users/{user_id}/export",
    "PUT /v1/users/{user_id}/links/{provider}",
    "DELETE /v1/users/{user_id}/links/{provider}",
    "GET /v1/users/{user_id}/access-log",
}


def routes(template: Template) -> Iterator[Properties]:
    for route in template.of_type("AWS::ApiGatewayV2::Route").values():
        if referred(route["ApiId"]) == "PrivateApi":
            yield route


def answered_by(template: Template, route: Properties) -> str:
    integration = template.of_type("AWS::ApiGatewayV2::Integration")[
        flat(route["Target"]).removeprefix("integrations/<").removesuffix(">")
    ]
    function = template.functions[referred(integration["IntegrationUri"])]
    return str(function["Handler"]).removesuffix(".handler")


def the_function(template: Template, verb: str) -> Properties:
    [found] = (one for one in template.functions.values() if one["Handler"] == f"{verb}.handler")
    return found


def allowed(template: Template, verb: str) -> set[tuple[str, str]]:
    role = referred(the_function(template, verb)["Role"])
    return {
        (action, flat(resource))
        for statement in template.statements(role)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if not action.startswith(("logs:", "xray:", "sqs:"))
    }


def test_people_are_managed_by_one_function_signed_for_iam(template: Template) -> None:
    found = [route for route in routes(template) if "/v1/users" in route["RouteKey"]]
    assert {route["RouteKey"] for route in found} == CALLS
    assert {answered_by(template, route) for route in found} == {"manage_users"}
    assert {route["AuthorizationType"] for route in found} == {"AWS_IAM"}


@pytest.mark.parametrize("stage", ["aws", "sandbox"])
def test_what_is_called_is_described_and_nothing_else(
    stage: str, request: pytest.FixtureRequest
) -> None:
    template: Template = request.getfixturevalue(stage)
    described = {
        f"{method.upper()} {path}"
        for path, told in openapi.document()["paths"].items()
        for method in told
    }
    assert {route["RouteKey"] for route in routes(template)} == described


def test_who_manages_people_may_do_just_this(template: Template) -> None:
    may = allowed(template, "manage_users")
    secrets = {
        ("secretsmanager:GetSecretValue", f"<{one.id}Keys>")
        for one in template.providers.values()
        if one.users.registers
    }
    users, log = "<Users.Arn>", "<AccessLog.Arn>"
    [bus] = (f"<{id}.Arn>" for id in template.of_type("AWS::Events::EventBus"))
    on_users = ("GetItem", "PutItem", "DeleteItem", "BatchGetItem")
    assert may == secrets | {
        ("secretsmanager:GetSecretValue", "<IdentityKey>"),
        *((f"dynamodb:{action}", users) for action in on_users),
        ("dynamodb:Query", f"{users}/index/by_listed_as"),
        ("dynamodb:PutItem", log),
        ("dynamodb:Query", log),
        ("dynamodb:GetItem", "<Tasks.Arn>"),
        ("dynamodb:UpdateItem", "<Tasks.Arn>"),
        ("events:PutEvents", bus),
    }


def test_who_describes_the_api_may_do_nothing(template: Template) -> None:
    assert allowed(template, "describe_api") == set()


def test_providers_that_register_people_can_be_reached(aws: Template) -> None:
    told = flat(the_function(aws, "manage_users")["Environment"]["Variables"]["REACHABLE"])
    reachable = json.loads(told)
    assert set(reachable) == {one.name for one in PROVIDERS.values() if one.users.registers}
    assert all(set(one) == {"base_url", "secret_arn"} for one in reachable.values())
