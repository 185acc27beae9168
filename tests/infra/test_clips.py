"""Clips: who starts the machine, how it waits, and that whatever goes wrong is accounted for."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest

from infra.clip_states import clip
from infra.stages import STAGES
from telematics.clips.asking import ASKING_FOR, Next
from telematics.clips.clip import GRACE, Verdict
from telematics.clips.wishes import MOST_DEADLINE_HOURS
from telematics.events import ClipRequested
from tests.infra.template import Properties, Template, referred

WAITS = STAGES["aws"].clip_waits
CLIP = clip(
    begin="begin",
    poll="poll",
    store="store",
    finish="finish",
    retries=STAGES["aws"].retries,
    growth=WAITS.growth,
    longest_seconds=str(WAITS.longest_seconds),
)
STEPS: Mapping[str, Mapping[str, Any]] = CLIP["States"]
VIDEO: Mapping[str, Mapping[str, Any]] = STEPS["Store"]["ItemProcessor"]["States"]
MOST_EVENTS = 25_000  # in the history of an execution
EVENTS_OF_A_POLL = 6  # entered, scheduled, started, submitted, timed out, left
PASSED_ON = {
    "context.Execution.Input",
    "context.Execution.Name",
    "context.Map.Item.Value",
    "context.Task.Token",
    "input.clip_id",
    "input.fault",
    "input.index",
    "input.videos",
    "input.wait_seconds",
}


def machine(template: Template) -> tuple[str, Properties]:
    [found] = ((id, one) for id, one in template.machines.items() if "ClipAcme" in id)
    return found


def function(template: Template, verb: str) -> Properties:
    """That of the provider that nobody has ever heard of."""
    [found] = (
        one
        for one in template.functions.values()
        if one["Handler"] == f"{verb}.handler"
        and one["Environment"]["Variables"]["PROVIDER"] == "acme"
    )
    return found


def choices(step: str) -> dict[str, str]:
    """What a function says is next -> the step that follows."""
    told = {one["Condition"]: one["Next"] for one in STEPS[step]["Choices"]}
    return {condition.split("'")[1]: following for condition, following in told.items()}


def references(value: object) -> Iterator[str]:
    yield from re.findall(r"\$states\.([A-Za-z_.]+)", str(value))


def waits() -> Iterator[int]:
    """As the machine makes each longer than the last."""
    seconds = WAITS.first_seconds
    while True:
        yield seconds
        seconds = min(-int(-seconds * WAITS.growth // 1), WAITS.longest_seconds)


def test_a_request_on_the_bus_starts_its_providers_machine_whoever_put_it_there(
    acme: Template,
) -> None:
    rule = acme.named("AcmeClipsRequested", "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "detail-type": [ClipRequested.detail_type],
        "detail": {"provider": ["acme"]},
    }
    assert referred(rule["EventBusName"]) in acme.of_type("AWS::Events::EventBus")
    [target] = rule["Targets"]
    assert referred(target["Arn"]) == machine(acme)[0]
    assert target["InputPath"] == "$.detail"
    assert acme.body["Outputs"]["ClipMachineAcme"]["Value"] == {"Ref": machine(acme)[0]}


def test_a_webhook_that_is_kept_ends_a_wait_without_a_queue_in_between(acme: Template) -> None:
    rule = acme.named("AcmeClipsWebhookKept", "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": "Raw"}]},
            "object": {"key": [{"prefix": "acme/messages/"}]},
        },
    }
    [target] = rule["Targets"]
    assert acme.functions[referred(target["Arn"])]["Handler"] == "resume_task.handler"


def test_nothing_is_handed_on_but_the_request_itself_ids_and_waits() -> None:
    for state in (*STEPS.values(), *VIDEO.values()):
        for field in ("Arguments", "ItemSelector", "Items", "Seconds", "TimeoutSeconds"):
            assert set(references(state.get(field))) <= PASSED_ON


def test_every_word_of_a_function_has_a_step_that_follows() -> None:
    assert choices("Begun") == {Next.POLL: "Poll", Next.WAIT: "Pause"}
    assert STEPS["Begun"]["Default"] == "Done"  # Next.END: another execution may work on it
    woken = {"poll": "Poll"}
    assert choices("Polled") == {Verdict.STORE: "Store", Verdict.ASK: "Pause", **woken}
    assert STEPS["Polled"]["Default"] == "Finish"  # Verdict.END
    assert STEPS["Pause"]["Next"] == "Begin"


def test_each_wait_is_longer_than_the_last_until_the_longest() -> None:
    [timeout, _] = STEPS["Poll"]["Catch"]
    assert STEPS["Poll"]["TimeoutSeconds"] == "{% $states.input.wait_seconds %}"
    assert timeout["Next"] == "Poll"
    longer = "{% $min([$ceil($states.input.wait_seconds * 1.5), 900]) %}"
    assert timeout["Output"]["wait_seconds"] == longer
    seconds = [one for one, _ in zip(waits(), range(20), strict=False)]
    assert seconds[:4] == [10, 15, 23, 35]
    assert all(former < later or later == 900 for former, later in pairwise(seconds))


def test_a_machine_outlasts_the_longest_deadline_and_its_history_has_room_for_that() -> None:
    deadline = MOST_DEADLINE_HOURS * 3600 + GRACE.total_seconds()
    polls = passed = 0
    for seconds in waits():
        polls, passed = polls + 1, passed + seconds
        if passed > deadline:
            break
    assert polls * EVENTS_OF_A_POLL < MOST_EVENTS / 2


def test_a_machine_is_not_ended_before_the_deadline_of_its_clip(acme: Template) -> None:
    definition = acme.definition(machine(acme)[0])
    deadline = MOST_DEADLINE_HOURS * 3600 + GRACE.total_seconds()
    assert definition["TimeoutSeconds"] > deadline


def test_functions_and_the_machine_know_the_same_waits(aws: Template, acme: Template) -> None:
    longest = {"Ref": "AcmeClipLongestWait"}
    for verb in ("begin_clip", "poll_clip", "resume_task"):
        found = function(acme, verb)["Environment"]["Variables"]
        assert found["CLIP_LONGEST_WAIT_SECONDS"] == longest
    assert longest in machine(acme)[1]["DefinitionString"]["Fn::Join"][1]


def test_videos_are_stored_two_at_once_and_one_that_fails_spoils_no_other() -> None:
    store = STEPS["Store"]
    assert store["Items"] == "{% [0..$states.input.videos - 1] %}"
    assert store["MaxConcurrency"] == 2
    [caught] = VIDEO["Video"]["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert VIDEO["NotStored"] == {"Type": "Pass", "End": True}
    assert store["Next"] == "Finish"


@pytest.mark.parametrize("step", ["Begin", "Poll"])
def test_a_clip_that_is_given_up_is_accounted_for_before_the_execution_fails(step: str) -> None:
    caught = STEPS[step]["Catch"][-1]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert "'fault': $states.errorOutput.Error" in caught["Output"]
    assert caught["Next"] == {"Begin": "IsClaimed", "Poll": "Finish"}[step]
    [claimed] = STEPS["IsClaimed"]["Choices"]
    assert claimed["Next"] == "Finish"
    [faulty] = STEPS["IsWhole"]["Choices"]
    assert faulty == {"Condition": "{% $exists($states.input.fault) %}", "Next": "Broken"}
    assert STEPS["Finish"]["Next"] == "IsWhole"
    assert STEPS["Broken"]["Type"] == "Fail"


def test_what_may_be_of_gigabytes_has_the_longest_time(acme: Template) -> None:
    store = function(acme, "store_clip")
    assert (store["Timeout"], store["MemorySize"]) == (900, 1024)


def test_who_asks_a_provider_for_a_clip_is_not_taken_for_gone_while_they_ask(
    acme: Template,
) -> None:
    assert function(acme, "begin_clip")["Timeout"] <= ASKING_FOR.total_seconds()


def test_an_impact_asks_for_its_clip_only_where_somebody_wants_that(acme: Template) -> None:
    rule = acme.named("AcmeClipImpactsEventsKept", "AWS::Events::Rule")
    assert rule["State"] == {"Ref": "AcmeClipsOfImpacts"}
    keys = rule["EventPattern"]["detail"]["object"]["key"]
    assert keys == [{"prefix": "acme/messages/"}, {"prefix": "acme/events/"}]
    [target] = rule["Targets"]
    assert acme.functions[referred(target["Arn"])]["Handler"] == "answer_impact.handler"
    is_sandbox = not acme.of_type("AWS::Athena::NamedQuery")
    parameter = acme.body["Parameters"]["AcmeClipsOfImpacts"]
    assert parameter["Default"] == ("ENABLED" if is_sandbox else "DISABLED")
    assert acme.body["Parameters"]["AcmeImpactTypes"]["Default"] == "1,9"


def test_an_event_is_discarded_by_a_signed_call(acme: Template) -> None:
    routes = acme.of_type("AWS::ApiGatewayV2::Route").values()
    [route] = (one for one in routes if "discard" in one["RouteKey"])
    assert route["RouteKey"] == "POST /v1/acme/events/{event}/discard"
    assert route["AuthorizationType"] == "AWS_IAM"
