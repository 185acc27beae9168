"""What can be called from outside: webhooks by anybody, everything else only as IAM allows."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.api import must_be_one
from infra.identity import camel_case
from tests.infra.imagined import ACME
from tests.infra.template import Properties, Template, flat, referred

APIS = {"WebhookApi", "PrivateApi"}


def routes(template: Template, api: str) -> Iterator[Properties]:
    for route in template.of_type("AWS::ApiGatewayV2::Route").values():
        if referred(route["ApiId"]) == api:
            yield route


def keys(template: Template, api: str) -> list[str]:
    return [route["RouteKey"] for route in routes(template, api)]


def function_of(template: Template, route: Properties) -> Properties:
    """The function that answers, through the route's integration."""
    integration = template.of_type("AWS::ApiGatewayV2::Integration")[
        flat(route["Target"]).removeprefix("integrations/<").removesuffix(">")
    ]
    assert integration["PayloadFormatVersion"] == "2.0"
    return template.functions[referred(integration["IntegrationUri"])]


def test_the_logical_ids_of_apis_stay(template: Template) -> None:
    """With another id CloudFormation would make another address, and providers call the old one."""
    assert set(template.of_type("AWS::ApiGatewayV2::Api")) == APIS


def test_every_webhook_of_the_catalogue_has_exactly_one_public_route_and_nothing_else_has(
    template: Template,
) -> None:
    declared = [
        f"POST {webhook.route(provider.name)}"
        for provider in template.providers.values()
        for webhook in provider.webhooks
    ]
    public = [
        route["RouteKey"]
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
        if route["AuthorizationType"] == "NONE"
    ]
    assert sorted(public) == sorted(declared) == sorted(keys(template, "WebhookApi"))


def test_a_webhook_is_received_by_its_own_providers_function(template: Template) -> None:
    for route in routes(template, "WebhookApi"):
        function = function_of(template, route)
        assert function["Handler"] == "receive_webhook.handler"
        provider = template.providers[function["Environment"]["Variables"]["PROVIDER"]]
        calls = [f"POST {webhook.route(provider.name)}" for webhook in provider.webhooks]
        assert route["RouteKey"] in calls


def test_a_webhook_may_have_a_path_of_its_own_with_a_token_in_it(acme: Template) -> None:
    called = [key for key in keys(acme, "WebhookApi") if "acme" in key]
    assert sorted(called) == ["POST /webhooks/acme", "POST /webhooks/acme/{token}"]


def test_every_private_call_is_signed_for_iam(template: Template) -> None:
    private = list(routes(template, "PrivateApi"))
    assert private
    assert all(route["AuthorizationType"] == "AWS_IAM" for route in private)


def test_every_provider_that_lets_trips_be_labelled_has_a_route_for_it(template: Template) -> None:
    labels = [key for key in keys(template, "PrivateApi") if key.startswith("PATCH /v1/trips/")]
    assert labels == [
        f"PATCH /v1/trips/{provider.name}/{{trip_id}}/label"
        for provider in template.providers.values()
        if provider.labels_trips
    ]


def test_clips_are_asked_for_and_looked_at_where_a_provider_has_them(template: Template) -> None:
    served = {
        route["RouteKey"]: function_of(template, route)["Handler"]
        for route in routes(template, "PrivateApi")
        if "/v1/clips" in route["RouteKey"]
    }
    wanted = {
        "POST /v1/clips": "request_clip.handler",
        "GET /v1/clips/{clip_id}": "show_clip.handler",
    }
    has_clips = any(provider.clips for provider in template.providers.values())
    assert served == (wanted if has_clips else {})


def test_a_call_that_names_no_provider_is_for_one_only() -> None:
    other = replace(ACME, name="other")
    must_be_one([ACME], called="/v1/clips")
    with pytest.raises(ValueError, match="there are several: acme, other"):
        must_be_one([ACME, other], called="/v1/clips")


def test_no_route_takes_whatever_is_called(template: Template) -> None:
    for api in APIS:
        for key in keys(template, api):
            assert "$default" not in key
            assert "ANY " not in key
            assert "+}" not in key


def test_only_an_apis_own_routes_and_one_rule_may_call_a_function(template: Template) -> None:
    for permission in template.of_type("AWS::Lambda::Permission").values():
        if permission["Principal"] == "events.amazonaws.com":
            assert referred(permission["SourceArn"]) in template.rules
            continue
        assert permission["Principal"] == "apigateway.amazonaws.com"
        api, path = flat(permission["SourceArn"]).split(":")[-1].split("/*/*")
        paths = [key.split(" ")[1] for key in keys(template, api.strip("<>"))]
        assert path in paths


def test_an_answer_comes_before_who_asked_has_gone(template: Template) -> None:
    """API Gateway waits for 30 seconds."""
    for api in APIS:
        for route in routes(template, api):
            assert function_of(template, route)["Timeout"] < 30
    receiving = list(routes(template, "WebhookApi"))
    for function in (function_of(template, route) for route in receiving):
        assert (function["Timeout"], function["MemorySize"]) == (10, 1024)


def test_every_stage_is_throttled(template: Template) -> None:
    stages = template.of_type("AWS::ApiGatewayV2::Stage").values()
    assert {referred(stage["ApiId"]) for stage in stages} == APIS
    for stage in stages:
        settings = stage["DefaultRouteSettings"]
        assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 200


def test_the_logs_of_apis_hold_no_body_no_header_no_path_and_no_address(
    template: Template,
) -> None:
    for stage in template.of_type("AWS::ApiGatewayV2::Stage").values():
        log = stage["AccessLogSettings"]
        assert ":*" not in flat(log["DestinationArn"])
        assert set(json.loads(log["Format"]).values()) == {
            "$context.requestId",
            "$context.routeKey",
            "$context.status",
            "$context.responseLatency",
            "$context.integration.status",
        }


def test_the_outputs_are_the_addresses_at_which_providers_call(template: Template) -> None:
    outputs = template.body["Outputs"]
    for provider in template.providers.values():
        for webhook in provider.webhooks:
            name = f"WebhookUrl{provider.id}{camel_case(webhook.name)}"
            path = webhook.route(provider.name)
            assert flat(outputs[name]["Value"]) == f"<WebhookApi.ApiEndpoint>{path}"
    assert flat(outputs["ApiUrl"]["Value"]) == "<PrivateApi.ApiEndpoint>"
    assert flat(outputs["WebhookApiId"]["Value"]) == "<WebhookApi>"
    assert flat(outputs["ApiId"]["Value"]) == "<PrivateApi>"
