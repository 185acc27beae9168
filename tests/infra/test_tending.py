"""Tending the lake: when it starts, how it goes on, and what its function may do."""

from typing import Any

from infra.stages import STAGES
from infra.tending_states import AT_ONCE, tending
from tests.infra.template import Properties, Template, flat, listed, referred

STATES: dict[str, Any] = dict(tending(tend="tend", retries=STAGES["aws"].retries)["States"])
TABLE: dict[str, Any] = STATES["Tables"]["ItemProcessor"]["States"]


def function(template: Template) -> Properties:
    [found] = (one for one in template.functions.values() if one["Handler"] == "tend_lake.handler")
    return found


def grants(template: Template) -> set[tuple[str, str]]:
    """Pairs of an action and what it is allowed on, without what every function may do."""
    return {
        (action, flat(resource))
        for statement in template.statements(referred(function(template)["Role"]))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if not action.startswith(("xray:", "logs:", "sqs:"))
    }


def test_it_starts_each_night_after_the_lake_was_compared_with_the_providers(
    aws: Template, sandbox: Template
) -> None:
    for template, state in ((aws, "ENABLED"), (sandbox, "DISABLED")):
        [machine] = (id for id in template.machines if id.startswith("Tending"))
        [schedule] = (
            one
            for one in template.of_type("AWS::Scheduler::Schedule").values()
            if referred(one["Target"]["Arn"]) == machine
        )
        assert schedule["ScheduleExpression"] == "cron(0 4 * * ? *)"
        assert schedule["State"] == state
        assert schedule["Target"]["Input"] in ("{}", {})
        assert STATES.keys() == template.definition(machine)["States"].keys()


def test_a_table_is_tended_call_after_call_until_all_of_it_is_done() -> None:
    assert STATES["List"]["Next"] == "Tables"
    assert STATES["Tables"]["Items"] == "{% $states.input.orders %}"
    assert STATES["Tables"]["MaxConcurrency"] == AT_ONCE
    assert TABLE["Tend"]["Arguments"]["Payload"] == "{% $states.input %}"
    assert TABLE["Tend"]["Output"] == "{% $states.result.Payload %}"
    assert TABLE["Tend"]["Next"] == "IsDone"
    assert TABLE["IsDone"]["Default"] == "Tend"
    [is_done] = TABLE["IsDone"]["Choices"]
    assert (is_done["Condition"], is_done["Next"]) == ("{% $states.input.is_done %}", "Ended")


def test_a_table_that_fails_stops_no_other_and_is_told_at_last() -> None:
    [caught] = TABLE["Tend"]["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert caught["Next"] == "Ended"
    assert "fault" in caught["Output"]
    [failed] = STATES["Judge"]["Choices"]
    assert failed["Condition"] == "{% $exists($states.input.tables.fault) %}"
    assert STATES[failed["Next"]]["Type"] == "Fail"


def test_it_changes_the_tables_of_the_lake_and_nothing_else(template: Template) -> None:
    changes = {one for one in grants(template) if one[0].split(":")[1][:3] in ("Put", "Del", "Upd")}
    files = "<Lake.Arn>/warehouse/telematics.db/*"
    assert {one for one in changes if one[0].startswith("s3:")} == {
        (f"s3:{action}", files) for action in ("PutObject", "DeleteObject", "DeleteObjectVersion")
    }
    others = {action for action, _ in changes if not action.startswith("s3:")}
    assert others == {"glue:UpdateTable"}


def test_it_sees_why_people_are_behind_the_gate_but_not_who_they_are(template: Template) -> None:
    found = {one for one in grants(template) if one[0].startswith(("dynamodb:", "secretsmanager:"))}
    assert found == {("dynamodb:Query", "<Users.Arn>/index/by_gate")}


def test_what_has_no_room_in_memory_has_room_on_disk(template: Template) -> None:
    assert function(template)["EphemeralStorage"] == {"Size": 10_240}
    assert function(template)["MemorySize"] == 1_769


def test_the_past_is_kept_for_a_week_unless_the_owner_says_otherwise(template: Template) -> None:
    parameter = template.body["Parameters"]["LakeRetentionDays"]
    assert (parameter["Default"], parameter["MinValue"], parameter["Type"]) == (7, 1, "Number")
    variables = function(template)["Environment"]["Variables"]
    assert variables["LAKE_RETENTION_DAYS"] == {"Ref": "LakeRetentionDays"}
