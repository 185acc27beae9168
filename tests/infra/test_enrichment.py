"""From what a provider tells to its details, and the search at night for what was missed."""

import pytest

from telematics.catalog import PROVIDERS, Provider
from telematics.queues import wait_seconds
from tests.infra.template import Properties, Template, flat, referred

ENRICHED = [provider for provider in PROVIDERS.values() if provider.enriched]

pytestmark = pytest.mark.parametrize("provider", ENRICHED, ids=lambda one: one.name)


def mapping(template: Template, provider: Provider) -> Properties:
    return template.named(f"Enrich{provider.id}", "AWS::Lambda::EventSourceMapping")


def queue(template: Template, provider: Provider) -> Properties:
    return template.queues[referred(mapping(template, provider)["EventSourceArn"])]


def test_only_what_is_to_be_enriched_becomes_a_message(
    template: Template, provider: Provider
) -> None:
    rule = template.named(f"{provider.id}EnrichmentObjectCreated", "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": "Raw"}]},
            "object": {
                "key": [{"prefix": f"{provider.name}/{name}/"} for name in provider.enriched]
            },
        },
    }
    [target] = rule["Targets"]
    assert target["Arn"] == mapping(template, provider)["EventSourceArn"]


def test_a_provider_is_asked_by_a_few_at_once_and_each_message_is_answered_for(
    template: Template, provider: Provider
) -> None:
    found = mapping(template, provider)
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ScalingConfig"] == {"MaximumConcurrency": 4}
    assert found["BatchSize"] == 1
    function = template.functions[referred(found["FunctionName"])]
    assert function["Handler"] == "enrich.handler"
    assert function["Environment"]["Variables"]["PROVIDER"] == provider.name


def test_no_message_comes_back_while_somebody_still_works_on_it(
    template: Template, provider: Provider
) -> None:
    function = template.functions[referred(mapping(template, provider)["FunctionName"])]
    assert queue(template, provider)["VisibilityTimeout"] > function["Timeout"]


def test_a_provider_may_be_away_for_hours(aws: Template, provider: Provider) -> None:
    attempts = queue(aws, provider)["RedrivePolicy"]["maxReceiveCount"]
    assert sum(wait_seconds(time) for time in range(1, attempts)) > 3 * 3600


def test_what_the_plan_misses_goes_to_the_queue_of_enrich(
    template: Template, provider: Provider
) -> None:
    plan = template.named(f"PlanReconciliation{provider.id}", "AWS::Lambda::Function")
    asked = referred(mapping(template, provider)["EventSourceArn"])
    variables = plan["Environment"]["Variables"]
    assert flat(variables["QUEUE_URL"]) == f"<{asked}>"
    assert (plan["Timeout"], plan["MemorySize"]) == (900, 1769)
