"""Details of collisions: who starts the machine, how it waits, and what each may do for that."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from infra.collision_states import collision
from infra.collisions import LONGEST as LONGEST_RUN
from infra.stages import STAGES
from telematics.collisions.asking import MOST_FAILURES, Next
from telematics.collisions.collision import LONGEST
from telematics.events import CollisionRequested
from telematics.schemes import HANDED_OUT
from telematics.waits import Waits
from tests.infra.template import Properties, Template, listed, referred

COLLISION = collision(
    ask="ask", finish="finish", retries=STAGES["aws"].retries, answer_seconds="900"
)
STEPS: Mapping[str, Mapping[str, Any]] = COLLISION["States"]
PASSED_ON = {
    "context.Execution.Name",
    "context.Task.Token",
    "input.collision_id",
    "input.wait_seconds",
}
ON_A_TASK = {"dynamodb:GetItem", "dynamodb:UpdateItem"}
FINDS_USERS = {"dynamodb:GetItem", "secretsmanager:GetSecretValue"}
EVERY = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def machine(template: Template) -> str:
    [found] = (id for id in template.machines if "CollisionZendrive" in id)
    return found


def function(template: Template, verb: str) -> Properties:
    [found] = (
        one
        for one in template.functions.values()
        if one["Handler"] == f"{verb}.handler"
        and one["Environment"]["Variables"]["PROVIDER"] == "zendrive"
    )
    return found


def statements(template: Template, verb: str) -> list[Mapping[str, Any]]:
    return template.statements(referred(function(template, verb)["Role"]))


def references(value: object) -> Iterator[str]:
    yield from re.findall(r"\$states\.([A-Za-z_.]+)", str(value))


def test_a_claimed_request_starts_the_machine_which_is_told_nothing_but_its_id(
    template: Template,
) -> None:
    rule = template.named("ZendriveCollisionsClaimed", "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "detail-type": [CollisionRequested.detail_type],
        "detail": {"provider": ["zendrive"], "collision_id": [{"exists": True}]},
    }
    [target] = rule["Targets"]
    assert referred(target["Arn"]) == machine(template)
    assert target["InputTransformer"] == {
        "InputPathsMap": {"detail-collision_id": "$.detail.collision_id"},
        "InputTemplate": '{"collision_id":<detail-collision_id>}',
    }
    output = template.body["Outputs"]["CollisionMachineZendrive"]["Value"]
    assert output == {"Ref": machine(template)}


def test_what_nobody_has_claimed_yet_is_claimed_by_a_function(template: Template) -> None:
    rule = template.named("ZendriveCollisionsRequested", "AWS::Events::Rule")
    detail = rule["EventPattern"]["detail"]
    assert detail == {"provider": ["zendrive"], "collision_id": [{"exists": False}]}
    [target] = rule["Targets"]
    called = template.functions[referred(target["Arn"])]
    assert called["Handler"] == "claim_collision.handler"


def test_an_answer_in_raw_ends_a_wait_without_a_queue_in_between(template: Template) -> None:
    rule = template.named("ZendriveCollisionsAnswerKept", "AWS::Events::Rule")
    keys = rule["EventPattern"]["detail"]["object"]["key"]
    assert keys == [{"prefix": "zendrive/collision_details/"}]
    [target] = rule["Targets"]
    assert template.functions[referred(target["Arn"])]["Handler"] == "resume_task.handler"


def test_notifications_ask_by_themselves_in_the_sandbox_and_on_aws_where_that_is_wanted(
    aws: Template, sandbox: Template
) -> None:
    for template, usual in ((aws, "DISABLED"), (sandbox, "ENABLED")):
        rule = template.named("CollisionNoticesNotificationKept", "AWS::Events::Rule")
        assert rule["State"] == {"Ref": "ZendriveAsksByItself"}
        assert template.body["Parameters"]["ZendriveAsksByItself"]["Default"] == usual
        keys = rule["EventPattern"]["detail"]["object"]["key"]
        assert keys == [{"prefix": "zendrive/notifications/"}]


def test_nothing_is_handed_on_but_ids_and_waits() -> None:
    for state in STEPS.values():
        for field in ("Arguments", "Seconds", "TimeoutSeconds"):
            assert set(references(state.get(field))) <= PASSED_ON


def test_every_word_of_the_function_has_a_step_that_follows() -> None:
    told = {one["Condition"].split("'")[1]: one["Next"] for one in STEPS["Asked"]["Choices"]}
    assert told == {Next.PAUSE: "Pause", Next.FINISH: "Finish"}
    assert STEPS["Asked"]["Default"] == "Done"  # Next.END: another execution may work on it
    assert STEPS["Pause"]["Next"] == "Ask"


def test_an_answer_is_waited_for_as_long_as_the_stack_says(template: Template) -> None:
    ask = template.definition(machine(template))["States"]["Ask"]
    assert ask["TimeoutSeconds"] == "{% <ZendriveAnswerSeconds> %}"
    assert ask["Catch"][0]["Next"] == "Ask"
    assert ask["Catch"][0]["Output"] == {"collision_id": "{% $states.input.collision_id %}"}
    known = function(template, "ask_collision")["Environment"]["Variables"]
    assert known["ANSWER_SECONDS"] == {"Ref": "ZendriveAnswerSeconds"}
    assert known["MOST_ASKS"] == {"Ref": "ZendriveMostAsks"}


def test_a_fault_is_accounted_for_before_the_execution_fails() -> None:
    caught = STEPS["Ask"]["Catch"][-1]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert caught["Next"] == "Finish"
    assert STEPS["Finish"]["Next"] == "IsWhole"
    [faulty] = STEPS["IsWhole"]["Choices"]
    assert faulty == {"Condition": "{% $exists($states.input.fault) %}", "Next": "Broken"}
    assert STEPS["Broken"]["Type"] == "Fail"


@pytest.mark.parametrize("stage", STAGES)
def test_a_machine_outlasts_every_wait_and_ends_before_it_is_taken_for_gone(stage: str) -> None:
    here = STAGES[stage]
    waits = Waits(here.clip_waits.first_seconds, here.clip_waits.longest_seconds)
    pauses = sum(waits.after(times) for times in range(MOST_FAILURES))
    asks = here.collision_answers.asks
    longest = timedelta(seconds=asks * (here.collision_answers.wait_seconds + pauses))
    run = timedelta(seconds=LONGEST_RUN.to_seconds())
    assert longest < run < LONGEST


@pytest.mark.parametrize(
    ("verb", "actions"),
    [
        ("request_collision", {*ON_A_TASK, *FINDS_USERS, "events:PutEvents"}),
        ("show_collision", {"dynamodb:GetItem"}),
        ("claim_collision", {*ON_A_TASK, *FINDS_USERS, "events:PutEvents"}),
        ("ask_collision", {*ON_A_TASK, *FINDS_USERS, "states:SendTaskSuccess"}),
        ("finish_collision", {*ON_A_TASK, "events:PutEvents"}),
        ("resume_task", {*ON_A_TASK, "states:SendTaskSuccess"}),
        (
            "notice_collision",
            {*ON_A_TASK, *FINDS_USERS, "events:PutEvents", "s3:GetObject", "s3:ListBucket"},
        ),
        ("receive_webhook", {*ON_A_TASK, "secretsmanager:GetSecretValue", "s3:PutObject"}),
    ],
)
def test_a_function_may_do_just_this(template: Template, verb: str, actions: set[str]) -> None:
    may = {action for one in statements(template, verb) for action in listed(one["Action"])}
    assert may == actions | EVERY


def test_a_user_is_read_and_never_changed(template: Template) -> None:
    for verb in ("request_collision", "claim_collision", "ask_collision", "notice_collision"):
        on_users = {
            action
            for one in statements(template, verb)
            for resource in listed(one["Resource"])
            if resource == {"Fn::GetAtt": ["Users", "Arn"]}
            for action in listed(one["Action"])
        }
        assert on_users == {"dynamodb:GetItem"}


def test_who_anybody_may_call_sees_no_task_but_the_addresses_that_were_handed_out(
    template: Template,
) -> None:
    [on_tasks] = (
        one
        for one in statements(template, "receive_webhook")
        if set(listed(one["Action"])) & ON_A_TASK
    )
    assert set(listed(on_tasks["Action"])) == ON_A_TASK
    assert on_tasks["Resource"] == {"Fn::GetAtt": ["Tasks", "Arn"]}
    keys = {"dynamodb:LeadingKeys": [f"{HANDED_OUT}*"]}
    assert on_tasks["Condition"] == {"ForAllValues:StringLike": keys}


def test_other_providers_webhooks_see_no_tasks_at_all(template: Template) -> None:
    for one in template.functions.values():
        told = one["Environment"]["Variables"]
        if one["Handler"] == "receive_webhook.handler" and told["PROVIDER"] != "zendrive":
            assert "TASKS_TABLE" not in told


def test_collisions_are_asked_for_and_looked_at_at_the_desk(template: Template) -> None:
    routes = {one["RouteKey"] for one in template.of_type("AWS::ApiGatewayV2::Route").values()}
    assert {"POST /v1/collisions", "GET /v1/collisions/{collision_id}"} <= routes
    assert "POST /webhooks/zendrive/collisions/{token}" in routes
