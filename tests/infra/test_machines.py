"""The state machines: what they do in which order, and that nothing secret passes through them."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra import clip_states, offload_states, reconciliation, states, sync
from infra.stages import STAGES
from telematics import errors
from tests.infra.template import Template, flat, referred

RETRIES = STAGES["aws"].retries
RECONCILIATION = reconciliation.reconciliation(plan="plan", retries=RETRIES)
OFFLOADS = offload_states.offloads(plan="plan", offload_day="day", retries=RETRIES)
OFFLOAD_DAY = offload_states.offload_day(
    provider="acme", ledger="ledger", fetch="fetch", account="account", retries=RETRIES
)

SYNC = sync.sync(ask="ask", retries=RETRIES)
CLIP = clip_states.clip(
    begin="begin",
    poll="poll",
    store="store",
    finish="finish",
    retries=RETRIES,
    growth=1.5,
    longest_seconds="900",
)
# How an execution says whom to answer; that is no secret of a provider's.
WAITING = (".waitForTaskToken", '"token":"{% $states.context.Task.Token %}"')


def states_of(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every state, those inside of a Map as well."""
    for state in machine["States"].values():
        yield state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


def machines_of(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The machine itself, and those inside of its Maps."""
    yield definition
    for state in definition["States"].values():
        if "ItemProcessor" in state:
            yield from machines_of(state["ItemProcessor"])


def following(state: Mapping[str, Any]) -> set[str]:
    ways = [state, *state.get("Catch", []), *state.get("Choices", [])]
    found = {way["Next"] for way in ways if "Next" in way}
    return found | ({state["Default"]} if "Default" in state else set())


def machine(template: Template, part: str) -> Mapping[str, Any]:
    [id] = (id for id in template.machines if part in id)
    return template.definition(id)


def test_every_machine_is_written_in_jsonata_and_end_at_some_time(template: Template) -> None:
    for id in template.machines:
        definition = template.definition(id)
        assert definition["QueryLanguage"] == "JSONata"
        assert definition["TimeoutSeconds"] > 0


def test_the_deployed_states_are_those_of_this_file(aws: Template, acme: Template) -> None:
    deployed = machine(aws, "OffloadDaySentiance")
    assert list(deployed["States"]) == list(OFFLOAD_DAY["States"])
    assert list(machine(aws, "OffloadsOffloadsSentiance")["States"]) == list(OFFLOADS["States"])
    nightly = machine(aws, "ReconciliationReconciliationMove")
    assert list(nightly["States"]) == list(RECONCILIATION["States"])
    assert list(machine(acme, "AcmeSyncSync")["States"]) == list(SYNC["States"])
    assert list(machine(acme, "AcmeClipsClip")["States"]) == list(CLIP["States"])


def test_every_step_leads_to_one_that_is_there_and_from_the_first_to_all(
    template: Template,
) -> None:
    for id in template.machines:
        for part in machines_of(template.definition(id)):
            reached = {part["StartAt"]}.union(*map(following, part["States"].values()))
            assert reached == set(part["States"]), id


def test_whoever_waits_for_an_answer_stops_waiting_some_time(template: Template) -> None:
    for id in template.machines:
        for state in states_of(template.definition(id)):
            if ".waitForTaskToken" in state.get("Resource", ""):
                assert state["TimeoutSeconds"]
                assert state["Retry"][0] == {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0}
                assert "States.Timeout" in state["Catch"][0]["ErrorEquals"]


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
        definition = flat(properties["DefinitionString"])
        for waiting in WAITING:
            definition = definition.replace(waiting, "")
        assert word not in definition.lower(), id


@pytest.mark.parametrize("definition", [OFFLOADS, OFFLOAD_DAY, RECONCILIATION, SYNC, CLIP])
def test_every_call_is_tried_again_unless_that_is_hopeless(definition: Mapping[str, Any]) -> None:
    for state in states_of(definition):
        if "lambda:invoke" in state.get("Resource", ""):
            *_, hopeless, everything = state["Retry"]
            assert hopeless == {"ErrorEquals": states.HOPELESS, "MaxAttempts": 0}
            assert everything["ErrorEquals"] == ["States.ALL"]
            assert everything["MaxAttempts"] == RETRIES.attempts


def test_what_is_hopeless_is_named_as_functions_name_it() -> None:
    assert all(hasattr(errors, name) for name in states.HOPELESS)


def test_every_refusal_of_a_provider_is_hopeless() -> None:
    """A state machine compares names: one that was made from another is not that other."""
    refused = errors.ProviderRefused
    refusals = {
        name
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, refused)
    }
    assert refusals <= set(states.HOPELESS)


def test_a_reconciliation_passes_its_days_on_and_answers_with_the_summary() -> None:
    plan = RECONCILIATION["States"]["Plan"]
    assert plan["Arguments"]["Payload"] == "{% $states.input %}"
    assert plan["Output"] == "{% $states.result.Payload %}"
    assert plan["End"] is True


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
    days = [machine(template, "OffloadDaySentiance") for template in (aws, sandbox)]
    seconds = [one["States"]["Account"]["Retry"][-1]["IntervalSeconds"] for one in days]
    assert seconds == [120, 1]


@pytest.mark.parametrize(
    ("schedule", "started", "hour"),
    [
        ("SentianceOffloads", "OffloadsOffloadsSentiance", 6),
        ("MoveReconciliation", "ReconciliationReconciliationMove", 3),
    ],
)
def test_what_starts_each_day_on_aws_never_starts_by_itself_in_the_sandbox(
    aws: Template, sandbox: Template, schedule: str, started: str, hour: int
) -> None:
    daily = aws.named(schedule, "AWS::Scheduler::Schedule")
    assert daily["State"] == "ENABLED"
    assert daily["ScheduleExpression"] == f"cron(0 {hour} * * ? *)"
    assert daily["ScheduleExpressionTimezone"] == "Etc/UTC"
    assert daily["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE"
    assert daily["Target"]["Input"] == "{}"
    assert started in referred(daily["Target"]["Arn"])
    assert sandbox.named(schedule, "AWS::Scheduler::Schedule")["State"] == "DISABLED"


def test_every_provider_with_something_to_ask_for_is_reconciled_each_night(aws: Template) -> None:
    started = {
        referred(one["Target"]["Arn"]) for one in aws.of_type("AWS::Scheduler::Schedule").values()
    }
    asked = [provider for provider in aws.providers.values() if provider.enriched]
    for provider in asked:
        assert [id for id in started if f"Reconciliation{provider.id}" in id]
    assert asked


def test_a_schedule_is_made_after_its_group(template: Template) -> None:
    [group] = template.of_type("AWS::Scheduler::ScheduleGroup")
    for resource in template.resources.values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            assert group in resource["DependsOn"]
