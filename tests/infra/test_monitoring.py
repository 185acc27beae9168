"""Every way in which work can fail ends behind an alarm, and idling costs next to nothing."""

import re

from infra.prices import FREE_WHEN_IDLE, MONTHLY_USD, idle_bill
from infra.synthesis import ROOT
from telematics.attention.problem import Kind
from tests.infra.template import Properties, Template, flat, listed, referred

IDLE_USD_AT_MOST = 5.00
MAPPING = "AWS::Lambda::EventSourceMapping"
WAITING = "ApproximateNumberOfMessagesVisible"


def watched(template: Template, namespace: str, metric: str) -> set[str]:
    """What the alarms on a metric look at."""
    return {
        flat(dimension["Value"])
        for alarm in template.alarms.values()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        for dimension in alarm["Dimensions"]
    }


def dead_letters(template: Template) -> set[str]:
    """Every queue to which somebody sends what it gave up."""
    of_queues = {
        referred(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in template.queues.values()
        if "RedrivePolicy" in queue
    }
    of_functions = {
        referred(function["DeadLetterConfig"]["TargetArn"])
        for function in template.functions.values()
    }
    of_schedules = {
        referred(schedule["Target"]["DeadLetterConfig"]["Arn"])
        for schedule in template.of_type("AWS::Scheduler::Schedule").values()
    }
    return of_queues | of_functions | of_schedules


def ways(template: Template) -> dict[str, str]:
    """How the owner hears of it when a function fails, by who called it."""
    followed = template.named("FailedExecutions", "AWS::Events::Rule")["EventPattern"]["detail"]
    apis = watched(template, "AWS/ApiGateway", "5xx")
    rung = watched(template, "AWS/SQS", WAITING)
    mappings = template.of_type(MAPPING).items()
    return {
        **{referred(machine): "its execution fails" for machine in followed["stateMachineArn"]},
        **{name.strip("<>"): "its answer is a 5xx" for name in apis},
        **dict.fromkeys(template.rules, "its last attempt is a dead letter of functions"),
        **{
            id: "its message is a dead letter"
            for id, one in mappings
            if gives_up(template, one, rung)
        },
        **dict.fromkeys(
            template.of_type("AWS::Scheduler::Schedule"),
            "its last attempt is a dead letter of functions",
        ),
        **{
            id: "its deployment fails"
            for id, one in template.resources.items()
            if one["Type"].startswith("Custom::")
        },
    }


def gives_up(template: Template, mapping: Properties, rung: set[str]) -> bool:
    """Whether what a function can't handle ends where the first message rings."""
    if "StreamArn" in flat(mapping["EventSourceArn"]):
        end = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        return mapping["MaximumRetryAttempts"] >= 0 and f"<{referred(end)}.QueueName>" in rung
    queue = template.queues[referred(mapping["EventSourceArn"])]
    return f"<{referred(queue['RedrivePolicy']['deadLetterTargetArn'])}.QueueName>" in rung


def callers(template: Template, function: str) -> set[str]:
    """The logical ids of all that calls a function."""
    by_address = {
        **{id: machine["DefinitionString"] for id, machine in template.machines.items()},
        **{id: target["Arn"] for id, rule in template.rules.items() for target in rule["Targets"]},
        **{id: one["FunctionName"] for id, one in template.of_type(MAPPING).items()},
        **{
            id: schedule["Target"]["Arn"]
            for id, schedule in template.of_type("AWS::Scheduler::Schedule").items()
        },
        **{
            id: resource["Properties"]["ServiceToken"]
            for id, resource in template.resources.items()
            if resource["Type"].startswith("Custom::")
        },
    }
    named = (f"<{function}.", f"<{function}>")
    apis = {
        referred(one["ApiId"])
        for one in template.of_type("AWS::ApiGatewayV2::Integration").values()
        if referred(one["IntegrationUri"]) == function
    }
    return apis | {
        id for id, where in by_address.items() if any(one in flat(where) for one in named)
    }


def test_the_owner_hears_of_it_when_a_function_fails_whoever_called_it(
    template: Template,
) -> None:
    known = ways(template)
    for function in template.functions:
        found = callers(template, function)
        assert found, function
        assert found <= set(known), (function, found - set(known))


def test_no_function_has_an_alarm_for_what_the_owner_hears_anyway(template: Template) -> None:
    assert watched(template, "AWS/Lambda", "Errors") == set()


def test_every_queue_has_dead_letters_or_is_for_them(template: Template) -> None:
    with_dead_letters = {id for id, queue in template.queues.items() if "RedrivePolicy" in queue}
    assert with_dead_letters | dead_letters(template) == set(template.queues)


def test_the_first_dead_letter_rings(template: Template) -> None:
    names = {f"<{queue}.QueueName>" for queue in dead_letters(template)}
    assert watched(template, "AWS/SQS", WAITING) == names


def test_every_way_in_which_an_execution_can_fail_is_told_to_the_owner(template: Template) -> None:
    failed = template.named("FailedExecutions", "AWS::Events::Rule")
    assert "EventBusName" not in failed  # the account's own bus, on which Step Functions tells
    pattern = failed["EventPattern"]
    assert pattern["source"] == ["aws.states"]
    assert pattern["detail-type"] == ["Step Functions Execution Status Change"]
    assert set(pattern["detail"]["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    followed = {referred(machine) for machine in pattern["detail"]["stateMachineArn"]}
    assert followed == set(template.machines)
    [target] = failed["Targets"]
    assert referred(target["Arn"]) in template.of_type("AWS::SNS::Topic")


def test_the_owner_is_told_which_execution_failed_and_nothing_of_what_it_worked_on(
    template: Template,
) -> None:
    [target] = template.named("FailedExecutions", "AWS::Events::Rule")["Targets"]
    told = target["InputTransformer"]["InputPathsMap"]
    assert set(told.values()) == {"$.detail.status", "$.detail.executionArn"}


def test_the_pattern_of_failed_executions_stays_within_its_quota(template: Template) -> None:
    """EventBridge takes 2048 characters; the ARN of a machine has 150 at most."""
    machines = template.named("FailedExecutions", "AWS::Events::Rule")["EventPattern"]["detail"][
        "stateMachineArn"
    ]
    assert 200 + 150 * len(machines) < 2048


def test_every_rule_keeps_what_it_could_not_deliver_or_tells_the_owner(template: Template) -> None:
    for rule in template.of_type("AWS::Events::Rule").values():
        for target in rule["Targets"]:
            topic = referred(target["Arn"]) in template.of_type("AWS::SNS::Topic")
            assert topic or referred(target["DeadLetterConfig"]["Arn"]) in template.queues


def test_what_a_rule_could_not_tell_rings_unless_somebody_looks_again_anyway(
    template: Template,
) -> None:
    rules = template.of_type("AWS::Events::Rule")
    told_once = ("ConvertObjectCreated", "MergeObjectCreated", "AlarmsFailedExecutions")
    only_told_once = {f"<{id}>" for id in rules if id.startswith(told_once)}
    assert len(only_told_once) == 3
    assert watched(template, "AWS/Events", "FailedInvocations") == only_told_once


def test_a_webhook_that_could_not_be_taken_in_rings_and_so_does_a_call_that_failed(
    template: Template,
) -> None:
    assert watched(template, "AWS/ApiGateway", "5xx") == {"<WebhookApi>", "<PrivateApi>"}


def test_a_gap_in_a_day_is_told_to_the_owner(template: Template) -> None:
    gaps = template.named("Gaps", "AWS::Events::Rule")
    assert gaps["EventPattern"] == {"detail-type": ["Offload Day Incomplete"]}
    [target] = gaps["Targets"]
    assert referred(target["Arn"]) in template.of_type("AWS::SNS::Topic")


def test_a_schedule_that_starts_nothing_leaves_a_dead_letter_or_rings(template: Template) -> None:
    [group] = template.of_type("AWS::Scheduler::ScheduleGroup").values()
    metric = "InvocationsFailedToBeSentToDeadLetterCount"
    assert watched(template, "AWS/Scheduler", metric) == {group["Name"]}


def test_every_alarm_tells_the_owner_at_the_first_failure(template: Template) -> None:
    """Of messages that wait, and of calls that are refused, a few are no failure."""
    [topic] = template.of_type("AWS::SNS::Topic")
    patient = {"ApproximateAgeOfOldestMessage": 7200, "WebhookRefused": 5}
    for alarm in template.alarms.values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert alarm["Threshold"] == patient.get(alarm["MetricName"], 1)
        assert alarm["DatapointsToAlarm"] == 1
        assert alarm["TreatMissingData"] == "notBreaching"


def test_every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm(
    template: Template,
) -> None:
    told = [alarm["AlarmDescription"] for alarm in template.alarms.values()]
    told.append(flat_text(template.named("FailedExecutions", "AWS::Events::Rule")))
    named = {find_section(text) for text in told} | {find_section(kind.section) for kind in Kind}
    assert named | {"spend", "replaying-events"} == sections()


def sections() -> set[str]:
    titles = re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    return {title.lower().replace(" ", "-") for title in titles}


def find_section(text: str) -> str:
    """At its very end, so that whoever is told finds it."""
    found = re.search(r"docs/runbook\.md#([a-z-]+)\)?\"?$", text)
    assert found, text
    return found[1]


def flat_text(rule: Properties) -> str:
    [target] = rule["Targets"]
    return str(target["InputTransformer"]["InputTemplate"])


def test_links_within_the_runbook_lead_somewhere() -> None:
    linked = re.findall(r"\]\(#([a-z-]+)\)", (ROOT / "docs/runbook.md").read_text())
    assert linked
    assert set(linked) <= sections()


def test_an_alarm_rings_when_a_message_has_waited_for_long(template: Template) -> None:
    with_work = {f"<{id}.QueueName>" for id in template.queues} - {
        f"<{id}.QueueName>" for id in dead_letters(template)
    }
    assert watched(template, "AWS/SQS", "ApproximateAgeOfOldestMessage") == with_work


def test_refused_webhooks_and_what_the_watch_finds_ring(template: Template) -> None:
    assert watched(template, "Telematics", "WebhookRefused") == {"receive_webhook"}
    assert watched(template, "Telematics", "Problems") == {"watch_desk"}


def test_only_this_accounts_alarms_may_publish_to_the_topic(template: Template) -> None:
    statements = template.one("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    allowing = [statement for statement in statements if statement["Effect"] == "Allow"]
    services = {name for one in allowing for name in listed(one["Principal"]["Service"])}
    budgets = {"budgets.amazonaws.com"} if template.of_type("AWS::Budgets::Budget") else set()
    assert services == {"cloudwatch.amazonaws.com"} | budgets
    assert all("aws:SourceAccount" in one["Condition"]["StringEquals"] for one in allowing)


def test_an_e_mail_address_is_subscribed_only_where_one_is_given(template: Template) -> None:
    assert template.body["Parameters"]["AlarmEmail"]["Default"] == ""
    [subscription] = (
        one for one in template.resources.values() if one["Type"] == "AWS::SNS::Subscription"
    )
    condition = template.body["Conditions"][subscription["Condition"]]
    assert condition == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}


def test_an_idle_stack_costs_less_than_five_dollars_a_month(template: Template) -> None:
    assert sum(line.usd for line in idle_bill(template.body)) < IDLE_USD_AT_MOST


def test_an_alarm_is_paid_for_only_where_nobody_else_tells(acme: Template) -> None:
    """What fails in a provider's clips or its events is told without one."""
    prefixes = ("Acme", "PrivateApiClip", "WebhooksReceiveWebhookAcme")
    assert not [id for id in acme.alarms if id.startswith(prefixes)]


def test_no_kind_of_resource_has_two_prices() -> None:
    assert not MONTHLY_USD.keys() & FREE_WHEN_IDLE


def test_an_alarm_is_paid_for_by_the_metric_and_three_dashboards_are_free() -> None:
    metrics = [{"Id": "a", "MetricStat": {}}, {"Id": "b", "MetricStat": {}}, {"Id": "sum"}]
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": metrics}}
    boards = {f"Board{number}": {"Type": "AWS::CloudWatch::Dashboard"} for number in range(4)}
    alarms, dashboards = idle_bill({"Resources": {"Alarm": alarm, **boards}})
    assert (alarms.count, alarms.usd) == (2, 0.20)
    assert (dashboards.count, dashboards.usd) == (4, 3.00)


def test_a_stream_is_read_for_nothing_and_a_queue_is_not() -> None:
    sources = {"Stream": ["Users", "StreamArn"], "Queue": ["Work", "Arn"]}
    resources = {
        id: {"Type": MAPPING, "Properties": {"EventSourceArn": {"Fn::GetAtt": source}}}
        for id, source in sources.items()
    }
    [line] = idle_bill({"Resources": resources})
    assert (line.resource, line.count) == (MAPPING, 1)
