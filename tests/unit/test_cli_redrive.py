"""`telematics redrive`: dead letters go back where they came from, and nothing is lost by it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from telematics.announced import Announced
from telematics.raw import RawKey
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import Machines, row
from tests.unit.replay_stack import THEN, Queues, stack

__all__ = ["telematics"]

KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
LETTER = Announced(KEY).body
EVENT = json.dumps({"detail-type": "Object Created", "source": "aws.s3", "detail": {"who": "anna"}})
FUNCTION = "arn:aws:lambda:eu-west-1:1:function:answer"
MACHINE = "arn:aws:states:eu-west-1:1:stateMachine:sync"
OURS = {"Arn": "arn:aws:sqs:eu-west-1:1:functions"}
FUNCTIONS = "account/dead/functions"


@dataclass
class Functions:
    called: list[tuple[str, bytes]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        assert InvocationType == "Event"
        self.called.append((FunctionName, Payload))


@dataclass
class Events:
    """Rules by their name; a pattern is the detail type that it wants."""

    rules: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)

    def get_paginator(self, _: str) -> "Events":
        return self

    def paginate(self, *, EventBusName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        found = self.rules.items() if EventBusName == "default" else ()
        yield {
            "Rules": [
                {"Name": name, "State": state, "EventPattern": pattern}
                for name, (state, pattern, _) in found
            ]
        }

    def list_targets_by_rule(self, *, Rule: str, **_: str) -> dict[str, Any]:  # noqa: N803
        return {"Targets": [self.rules[Rule][2]]}

    def test_event_pattern(self, *, EventPattern: str, Event: str) -> dict[str, bool]:  # noqa: N803
        return {"Result": json.loads(Event)["detail-type"] == EventPattern}


def called(arn: str, **more: Any) -> dict[str, Any]:
    return {"Arn": arn, "DeadLetterConfig": OURS, **more}


def redriven(program: Program, *words: str, code: int = 0, **clients: Any) -> dict[str, Any]:
    ended = program("redrive", *words, "--json", stack=stack(**clients))
    assert ended.code == code, ended.err
    assert "anna" not in ended.out + ended.err
    return json.loads(ended.out)["queues"]  # type: ignore[no-any-return]  # it is JSON


def test_a_dry_run_says_what_is_there_and_why_and_changes_nothing(telematics: Program) -> None:
    queues = Queues()
    queues.put("dead/convert", LETTER, datetime(2023, 6, 4, 12, tzinfo=UTC))
    queues.put("dead/convert", EVENT, ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="anna may not")
    rows = [row(KEY.day, KEY.dataset, "failed", error="gzip: end-of-stream")]
    told = redriven(telematics, "--dry-run", queues=queues, rows=rows)
    assert told["convert"] == {
        "dead": 2,
        "oldest": "2023-06-04T12:00:00Z",
        "reasons": {"gzip: end-of-stream": 1, "NO_PERMISSIONS": 1},
    }
    assert queues.calls == []
    assert sorted(queues.bodies("dead/convert")) == sorted((LETTER, EVENT))


@pytest.mark.fault("redrive", of=("sentiance", "move", "dashcam", "zendrive"))
def test_without_sqs_own_way_each_is_sent_before_it_is_deleted(telematics: Program) -> None:
    queues = Queues()
    for _ in range(12):
        queues.put("dead/merge", LETTER)
    told = redriven(telematics, "merge", queues=queues)
    assert (told["merge"]["moved"], told["merge"]["kept"]) == (12, {})
    assert queues.calls == ["send queue/merge", "delete dead/merge"] * 12
    assert queues.bodies("queue/merge") == [LETTER] * 12
    assert queues.bodies("dead/merge") == []


def test_sqs_moves_them_itself_where_it_can_unless_only_some_are_meant(
    telematics: Program,
) -> None:
    queues = Queues(moves=True)
    for _ in range(7):
        queues.put("dead/convert", LETTER)
    told = redriven(telematics, "convert", queues=queues)
    assert queues.calls == ["move arn:dead/convert to arn:queue/convert"]
    assert told["convert"]["moved"] == 7
    some = redriven(telematics, "convert", "--max", "2", queues=queues)
    assert some["convert"]["moved"] == 2
    assert len(queues.bodies("dead/convert")) == 5


def test_a_letter_that_cannot_be_sent_stays(telematics: Program) -> None:
    def refuse(_: str) -> None:
        raise ClientError({"Error": {"Code": "Throttled"}}, "SendMessage")

    queues = Queues(loads=refuse)
    queues.put("dead/convert", LETTER)
    ended = telematics("redrive", "convert", stack=stack(queues=queues))
    assert ended.code == 1
    assert queues.bodies("dead/convert") == [LETTER]


@pytest.mark.fault("redrive", of=("sentiance", "move", "dashcam", "zendrive"))
def test_one_that_fails_again_meanwhile_is_not_moved_for_ever(telematics: Program) -> None:
    queues = Queues()
    queues.loads = lambda body: queues.put("dead/convert", body)
    queues.put("dead/convert", LETTER)
    assert redriven(telematics, "convert", queues=queues)["convert"]["moved"] == 1
    assert queues.bodies("dead/convert") == [LETTER]


@pytest.mark.parametrize("told", [{"TARGET_ARN": FUNCTION}, {"RequestID": "1", "ErrorCode": "200"}])
def test_a_function_that_failed_is_called_again_with_the_same_event(
    telematics: Program, told: dict[str, str]
) -> None:
    events = Events(
        {
            "ours": ("ENABLED", "Object Created", called(FUNCTION)),
            "off": ("DISABLED", "Object Created", called(f"{FUNCTION}-off")),
            "other": ("ENABLED", "Another", called(f"{FUNCTION}-other")),
            "part": ("ENABLED", "Object Created", called(f"{FUNCTION}-part", InputPath="$.detail")),
            "theirs": ("ENABLED", "Object Created", {"Arn": f"{FUNCTION}-theirs"}),
        }
    )
    functions, queues = Functions(), Queues()
    queues.put(FUNCTIONS, EVENT, THEN, **told)
    found = redriven(telematics, "functions", queues=queues, functions=functions, events=events)
    assert functions.called == [(FUNCTION, EVENT.encode())]
    assert found["functions"]["moved"] == 1
    assert queues.bodies(FUNCTIONS) == []


@pytest.mark.parametrize(
    ("body", "told", "why"),
    [
        (EVENT, {}, "no function"),
        ("no json", {}, "no function"),
        ('{"DDBStreamBatchInfo": {"shardId": "anna"}}', {}, "changes of users"),
        (EVENT, {"TARGET_ARN": MACHINE, "RULE_ARN": "arn:rule"}, "ask for it again"),
    ],
)
def test_what_cannot_be_done_again_stays_and_says_what_to_do(
    telematics: Program, body: str, told: dict[str, str], why: str
) -> None:
    queues, functions = Queues(), Functions()
    queues.put(FUNCTIONS, body, THEN, **told)
    found = redriven(
        telematics, "functions", code=3, queues=queues, functions=functions, events=Events()
    )
    [reason] = found["functions"]["kept"]
    assert why in reason
    assert queues.bodies(FUNCTIONS) == [body]
    assert functions.called == []


def test_a_schedule_that_started_nothing_several_times_is_started_once(telematics: Program) -> None:
    queues, machines = Queues(), Machines()
    for _ in range(3):
        queues.put("dead/schedules", "{}", SCHEDULE_ARN="arn:schedule", TARGET_ARN=MACHINE)
    found = redriven(telematics, "schedules", queues=queues, machines=Named(machines))
    assert found["schedules"]["moved"] == 3
    assert [one["stateMachineArn"] for one in machines.started] == [MACHINE]
    assert queues.bodies("dead/schedules") == []


@dataclass
class Named:
    """AWS gives an execution a name where nobody does."""

    machines: Machines

    def start_execution(self, **request: str) -> object:
        return self.machines.start_execution(name="given", **request)


def test_a_queue_that_is_not_there_is_refused_with_those_that_are(telematics: Program) -> None:
    ended = telematics("redrive", "convrt", stack=stack())
    assert ended.code == 2
    assert "convert, enrich_move, functions, merge, schedules" in ended.err


def test_people_see_a_table_and_nothing_where_nothing_is(telematics: Program) -> None:
    assert "no dead letters" in telematics("redrive", stack=stack()).out
    queues = Queues()
    queues.put("dead/convert", LETTER)
    ended = telematics("redrive", stack=stack(queues=queues))
    assert ended.code == 0
    assert "convert" in ended.out
    assert "transports" not in ended.out
