"""Events that are asked for each hour, or for days that somebody names."""

from infra import grants
from infra.stages import STAGES
from infra.sync import COUNTS, sync
from telematics.clips.devices import DEVICES
from tests.infra.template import Template, referred

SYNC = sync(ask="ask", retries=STAGES["aws"].retries)


def test_it_asks_again_with_the_same_request_while_there_is_more() -> None:
    steps = SYNC["States"]
    assert steps["Ask"]["Arguments"]["Payload"] == "{% $states.context.Execution.Input %}"
    [more] = steps["IsThereMore"]["Choices"]
    assert more == {"Condition": "{% $states.input.more = true %}", "Next": "Ask"}
    assert steps["IsThereMore"]["Default"] == "Done"


def test_what_all_calls_have_counted_is_added_up() -> None:
    output = SYNC["States"]["Ask"]["Output"]
    assert output.startswith("{% $merge([$states.result.Payload, {")
    for name in ("listed", "new", "stored_files", "failed_files"):
        assert f"'{name}': $sum([$states.result.Payload.{name}, $states.input.{name}])" in output
    assert not {"open", "more"} & set(COUNTS)  # those are as of now
    assert SYNC["States"]["Done"] == {"Type": "Succeed"}


def test_it_starts_each_hour_on_aws_and_never_by_itself_in_the_sandbox(acme: Template) -> None:
    hourly = acme.named("AcmeSync", "AWS::Scheduler::Schedule")
    is_sandbox = not acme.of_type("AWS::Athena::NamedQuery")
    assert hourly["State"] == ("DISABLED" if is_sandbox else "ENABLED")
    assert hourly["ScheduleExpression"] == "cron(0 * * * ? *)"
    assert hourly["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert hourly["Target"]["Input"] == "{}"
    started = referred(hourly["Target"]["Arn"])
    assert acme.body["Outputs"]["SyncMachineAcme"]["Value"] == {"Ref": started}


def test_a_start_that_is_an_hour_late_is_left_to_the_next(acme: Template) -> None:
    retries = acme.named("AcmeSync", "AWS::Scheduler::Schedule")["Target"]["RetryPolicy"]
    assert retries["MaximumEventAgeInSeconds"] == 3600


def test_it_has_all_the_time_that_a_function_can_have(acme: Template) -> None:
    function = acme.named("AcmeSyncSyncEventsAcme", "AWS::Lambda::Function")
    assert function["Handler"] == "sync_events.handler"
    assert (function["Timeout"], function["MemorySize"]) == (900, 512)


def test_of_all_tasks_it_writes_only_who_drives_with_which_device(acme: Template) -> None:
    function = acme.named("AcmeSyncSyncEventsAcme", "AWS::Lambda::Function")
    [only] = [
        one["Condition"]
        for one in acme.statements(referred(function["Role"]))
        if "Condition" in one
    ]
    leading = {"dynamodb:LeadingKeys": [f"{DEVICES}*"]}
    assert only == {"ForAllValues:StringLike": leading}
    assert grants.DEVICES == DEVICES
