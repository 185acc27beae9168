"""The state machines: what they do in which order, and that nothing secret passes through them."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra import offload_states
from infra.stages import STAGES
from telematics import errors
from tests.infra.template import Template

RETRIES = STAGES["aws"].retries
OFFLOADS = offload_states.offloads(plan="plan", offload_day="day", retries=RETRIES)
OFFLOAD_DAY = offload_states.offload_day(
    provider="acme", ledger="ledger", fetch="fetch", account="account", retries=RETRIES
)


def states(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every state, those inside of a Map as well."""
    for state in machine["States"].values():
        yield state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def machine(template: Template, part: str) -> Mapping[str, Any]:
    [id] = (id for id in template.machines if part in id)
    return template.definition(id)


def test_both_machines_are_written_in_jsonata_and_end_at_some_time(template: Template) -> None:
    for id in template.machines:
        definition = template.definition(id)
        assert definition["QueryLanguage"] == "JSONata"
        assert definition["TimeoutSeconds"] > 0


def test_the_deployed_states_are_those_of_this_file(aws: Template) -> None:
    deployed = machine(aws, "OffloadDaySentiance")
    assert list(deployed["States"]) == list(OFFLOAD_DAY["States"])
    assert list(machine(aws, "OffloadsOffloadsSentiance")["States"]) == list(OFFLOADS["States"])


def test_only_errors_are_logged_and_never_what_was_passed(template: Template) -> None:
    for properties in template.machines.values():
        logging = properties["LoggingConfiguration"]
        assert logging["Level"] == "ERROR"
        assert logging["IncludeExecutionData"] is False


def test_every_machine_is_traced_and_has_a_role_of_its_own(template: Template) -> None:
    assert all(one["TracingConfiguration"]["Enabled"] for one in template.machines.values())
    roles = {str(one["RoleArn"]) for one in template.machines.values()}
    assert len(roles) == len(template.machines)


@pytest.mark.parametrize("word", ["secret", "link", "token", "read_key", "url", "http"])
def test_no_machine_knows_anything_secret(template: Template, word: str) -> None:
    for id, properties in template.machines.items():
        definition = str(properties["DefinitionString"])
        assert word not in definition.lower(), id


@pytest.mark.parametrize("definition", [OFFLOADS, OFFLOAD_DAY])
def test_every_call_is_tried_again_unless_that_is_hopeless(definition: Mapping[str, Any]) -> None:
    for state in states(definition):
        if state.get("Resource") == "arn:aws:states:::lambda:invoke":
            hopeless, everything = state["Retry"]
            assert hopeless == {"ErrorEquals": offload_states.HOPELESS, "MaxAttempts": 0}
            assert everything["ErrorEquals"] == ["States.ALL"]
            assert everything["MaxAttempts"] == RETRIES.attempts


def test_what_is_hopeless_is_named_as_functions_name_it() -> None:
    assert all(hasattr(errors, name) for name in offload_states.HOPELESS)


def test_a_file_that_cannot_be_fetched_does_not_keep_the_day_from_being_accounted_for() -> None:
    files = OFFLOAD_DAY["States"]["Files"]
    [caught] = files["ItemProcessor"]["States"]["File"]["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert caught["Output"] == {"outcome": "failed"}
    assert files["Next"] == "Account"


def test_a_day_that_fails_does_not_keep_the_other_days_from_being_fetched() -> None:
    [caught] = OFFLOADS["States"]["Days"]["ItemProcessor"]["States"]["Day"]["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert caught["Output"]["outcome"] == "failed"


def test_one_file_and_no_file_are_lists_as_well() -> None:
    """JSONata makes one thing of a list of one, and nothing of an empty one."""
    assert OFFLOAD_DAY["States"]["Missing"]["Output"]["files"].startswith("{% [")


def test_the_sandbox_tries_again_within_seconds(aws: Template, sandbox: Template) -> None:
    seconds = [
        machine(template, "OffloadDaySentiance")["States"]["Account"]["Retry"][1]["IntervalSeconds"]
        for template in (aws, sandbox)
    ]
    assert seconds == [120, 1]


def test_offloads_start_each_morning_on_aws_and_never_by_themselves_in_the_sandbox(
    aws: Template, sandbox: Template
) -> None:
    morning = aws.one("AWS::Scheduler::Schedule")
    assert morning["State"] == "ENABLED"
    assert morning["ScheduleExpression"] == "cron(0 6 * * ? *)"
    assert morning["ScheduleExpressionTimezone"] == "Etc/UTC"
    assert morning["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE"
    assert morning["Target"]["Input"] == "{}"
    assert sandbox.one("AWS::Scheduler::Schedule")["State"] == "DISABLED"


def test_a_schedule_is_made_after_its_group(template: Template) -> None:
    [group] = template.of_type("AWS::Scheduler::ScheduleGroup")
    for resource in template.resources.values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            assert group in resource["DependsOn"]
