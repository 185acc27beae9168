"""Erasing people: who starts it, in which order it goes on, and what each function may do."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.erasure_states import MOST_ROUNDS, erasure
from infra.stages import STAGES
from telematics.erasure.passes import Next
from telematics.events import UserErasureRequested
from tests.infra.template import Properties, Template, flat, listed, referred

VERBS = ("begin_erasure", "revoke_people", "purge_people", "verify_erasure", "finish_erasure")
DELETES_VERSIONS = {"s3:DeleteObjectVersion"}
# Whoever loads withdraws what is behind the gate; that is raw only.
WITHDRAWS = "convert"
# Whoever ends a table's past; that is the lake only.
TENDS = "tend_lake"
NOTES = "<Results.Arn>/erasures/*"
STATES: Mapping[str, Any] = erasure(
    begin="begin",
    revoke={"acme": "revoke-acme", "other": "revoke-other"},
    purge="purge",
    verify="verify",
    finish="finish",
    retries=STAGES["aws"].retries,
    pause_seconds=11,
)["States"]
PASSED_ON = {"pass_id", "round", "step", "begin", "after", "execution", "function"}
CHANGES = re.compile(r":(Put|Update|Delete|BatchWrite|Create|Send|Start|Abort|Change)")


def functions(template: Template, verb: str) -> list[Properties]:
    handler = f"{verb}.handler"
    return [one for one in template.functions.values() if one["Handler"] == handler]


def grants(template: Template, function: Properties) -> set[tuple[str, str]]:
    """Pairs of an action and what it is allowed on."""
    return {
        (action, flat(resource))
        for statement in template.statements(referred(function["Role"]))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def ours(template: Template, verb: str) -> set[tuple[str, str]]:
    """Without what every function may do."""
    every = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    return {
        (action, on)
        for function in functions(template, verb)
        for action, on in grants(template, function)
        if action not in every and not action.startswith("xray:")
    }


def machine(template: Template) -> tuple[str, Mapping[str, Any]]:
    [id] = (id for id in template.machines if id.startswith("Erasure"))
    return id, template.definition(id)


def all_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def test_who_wants_to_be_erased_starts_the_machine_which_is_not_told_who(
    template: Template,
) -> None:
    id, _ = machine(template)
    [rule] = (
        one
        for one in template.rules.values()
        if one.get("EventPattern") == {"detail-type": [UserErasureRequested.detail_type]}
    )
    [target] = rule["Targets"]
    assert referred(target["Arn"]) == id
    assert json.loads(target["Input"]) == {}
    assert "DeadLetterConfig" in target


def test_the_history_names_a_pass_and_places_and_nobody() -> None:
    for name, state in all_states({"States": STATES}):
        payload = state.get("Arguments", {}).get("Payload", {})
        assert set(payload) <= PASSED_ON, name
        told = json.dumps([payload, state.get("Output"), state.get("ItemSelector")])
        referred_to = set(re.findall(r"\$states\.(?:input|result)\.?([A-Za-z_.]*)", told))
        assert referred_to <= {*PASSED_ON, "", "Payload"}, name


def test_it_purges_before_it_verifies_and_finishes_only_where_nothing_is_found() -> None:
    way, state = [], "Begin"
    while state not in way:
        way.append(state)
        here = STATES[state]
        choices = here.get("Choices", [])
        state = choices[0]["Next"] if choices else here["Next"]
    assert way == [
        *("Begin", "Begun", "First", "Learn", "Revoke", "Tables", "TablesDone", "Objects"),
        *("ObjectsDone", "Leftovers", "Verify", "VerifyDone", "Judge", "Finish"),
    ]
    assert STATES["Judge"]["Choices"][0]["Condition"] == "{% $states.input.hits = 0 %}"
    assert STATES["Judge"]["Default"] == "NotClean"
    assert STATES["NotClean"]["Type"] == "Fail"
    assert STATES["Again"]["Next"] == "Learn"


def test_every_word_of_begin_has_a_step_that_follows() -> None:
    told = {one["Condition"].split("'")[1]: one["Next"] for one in STATES["Begun"]["Choices"]}
    assert told == {Next.GO_ON: "First", Next.WAIT: "Pause"}
    assert STATES["Begun"]["Default"] == "Done"  # Next.END


@pytest.mark.parametrize("name", ["Tables", "Objects", "Verify"])
def test_what_one_call_has_no_time_for_is_done_by_the_next(name: str) -> None:
    assert STATES[f"{name}Done"]["Default"] == name
    payload = STATES[name]["Arguments"]["Payload"]
    assert payload["begin"] == "{% $states.input.begin %}"
    assert payload["after"] == "{% $states.input.after %}"


def test_it_gives_up_once_something_keeps_coming_back() -> None:
    assert STATES["Judge"]["Choices"][1] == {
        "Condition": f"{{% $states.input.round < {MOST_ROUNDS} %}}",
        "Next": "Again",
    }
    assert STATES["Again"]["Seconds"] == 11
    assert "$states.input.round + 1" in STATES["Again"]["Output"]


def test_nothing_that_may_be_under_way_when_the_gate_is_shut_comes_after_the_pause(
    template: Template,
) -> None:
    _, definition = machine(template)
    [gate] = {
        float(one["Environment"]["Variables"]["GATE_SECONDS"])
        for one in functions(template, "begin_erasure")
    }
    assert definition["StartAt"] == "Pause"
    assert definition["States"]["Pause"]["Seconds"] > gate


def test_every_call_is_tried_again_unless_that_is_hopeless() -> None:
    called = [state for _, state in all_states({"States": STATES}) if state["Type"] == "Task"]
    assert len(called) == 8
    for state in called:
        hopeless = next(one for one in state["Retry"] if one.get("MaxAttempts") == 0)
        assert "NotFound" in hopeless["ErrorEquals"]
        assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
        assert state["Retry"][-1]["MaxAttempts"] > 0


def test_a_provider_that_does_not_answer_keeps_nobodys_data_here() -> None:
    ask = STATES["Revoke"]["ItemProcessor"]["States"]["Ask"]
    assert ask["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "NotTold"}]
    assert STATES["Revoke"]["Next"] == "Tables"


def test_the_machine_may_call_each_of_its_functions_and_no_other(template: Template) -> None:
    id, definition = machine(template)
    text = json.dumps(definition)
    named = {one for one in template.functions if f"<{one}.Arn>" in text}
    verbs = {template.functions[one]["Handler"].removesuffix(".handler") for one in named}
    assert verbs == set(VERBS)
    role = referred(template.machines[id]["RoleArn"])
    may_call = {
        flat(resource)
        for statement in template.statements(role)
        if "lambda:InvokeFunction" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert may_call == {f"<{one}.Arn>" for one in named}


def test_every_provider_that_can_be_told_has_a_function_for_it_and_no_other(
    template: Template,
) -> None:
    told = {
        one["Environment"]["Variables"]["PROVIDER"] for one in functions(template, "revoke_people")
    }
    assert told == {one.name for one in template.providers.values() if one.forgets}


def test_nobody_but_the_purge_deletes_versions_for_good(template: Template) -> None:
    for function in template.functions.values():
        verb = function["Handler"].removesuffix(".handler")
        places = {on for action, on in grants(template, function) if action in DELETES_VERSIONS}
        if verb == "purge_people":
            buckets = ("Raw", "Lake", "Media", "Results")
            assert places == {f"<{one}.Arn>/*" for one in buckets}
        elif verb == WITHDRAWS:
            assert all(one.startswith("<Raw.Arn>/") for one in places)
        elif verb == TENDS:
            assert places == {"<Lake.Arn>/warehouse/telematics.db/*"}
        else:
            assert places == set(), verb


def test_the_proof_changes_nothing_but_its_notes(template: Template) -> None:
    changes = {one for one in ours(template, "verify_erasure") if CHANGES.search(one[0])}
    assert {one for one in changes if not one[0].startswith("sqs:")} == {
        ("s3:PutObject", NOTES),
        ("s3:DeleteObject", NOTES),
    }
    puts_back = {action for action, _ in changes if action.startswith("sqs:")}
    assert puts_back == {"sqs:ChangeMessageVisibility"}


def test_the_proof_reads_all_that_is_kept(template: Template) -> None:
    reads = ours(template, "verify_erasure")
    for bucket in ("Raw", "Lake", "Media", "Results"):
        assert ("s3:GetObjectVersion", f"<{bucket}.Arn>/*") in reads
        assert ("s3:ListBucketVersions", f"<{bucket}.Arn>") in reads
    scanned = {on for action, on in reads if action == "dynamodb:Scan"}
    assert scanned == {"<Tasks.Arn>", "<Ledger.Arn>", "<AccessLog.Arn>"}


def test_every_dead_letter_queue_is_looked_into(template: Template) -> None:
    behind = {
        referred(one["RedrivePolicy"]["deadLetterTargetArn"])
        for one in template.queues.values()
        if "RedrivePolicy" in one
    } | {
        referred(one["DeadLetterConfig"]["TargetArn"])
        for one in template.functions.values()
        if "DeadLetterConfig" in one
    }
    assert behind
    for verb in ("purge_people", "verify_erasure"):
        read = {on for action, on in ours(template, verb) if action == "sqs:ReceiveMessage"}
        assert {f"<{one}.Arn>" for one in behind} <= read
        [function] = functions(template, verb)
        urls = flat(function["Environment"]["Variables"]["DEAD_LETTERS"]).split(",")
        assert {f"<{one}>" for one in behind} <= set(urls)


def test_what_begins_or_ends_a_pass_sees_no_data(template: Template) -> None:
    for verb in ("begin_erasure", "revoke_people", "finish_erasure"):
        places = {on for action, on in ours(template, verb) if action.startswith("s3:")}
        assert places <= {NOTES, "<Results.Arn>"}, verb
