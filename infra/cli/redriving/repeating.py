"""What nobody queued, done again: the function that failed is called, the machine is started."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from infra.cli.redriving.letters import Letter
from infra.cli.target import Deployment

NOT_STARTED = "a request that started no machine: ask for it again, which joins what there is"
OF_A_STREAM = "changes of users that the lake does not show: change one of them again"
NO_FUNCTION = "no function of the stack takes it: look at it in the console"
ON = "ENABLED"


@dataclass(frozen=True)
class Caller:
    """A rule of the stack, and the functions that it calls with the event as it is."""

    pattern: str
    functions: tuple[str, ...]


@dataclass
class Repeating:
    """Functions may be called twice for the same event, and starts of one schedule are one."""

    deployment: Deployment
    _started: set[tuple[str, str]] = field(default_factory=set)

    def repeat(self, letter: Letter) -> str:
        """Why not; empty if it was done."""
        target = letter.told.get("TARGET_ARN", "")
        if ":stateMachine:" in target and "SCHEDULE_ARN" in letter.told:
            return self._start(target, letter.body)
        if ":stateMachine:" in target:
            return NOT_STARTED
        event = _parsed(letter.body)
        if "DDBStreamBatchInfo" in event:
            return OF_A_STREAM
        functions = [target] if ":function:" in target else list(self._functions_for(event))
        for function in functions:
            self.deployment.functions.invoke(
                FunctionName=function, InvocationType="Event", Payload=letter.body.encode()
            )
        return "" if functions else NO_FUNCTION

    def _start(self, machine: str, given: str) -> str:
        if (machine, given) not in self._started:
            self.deployment.machines.start_execution(stateMachineArn=machine, input=given or "{}")
            self._started.add((machine, given))
        return ""

    def _functions_for(self, event: Mapping[str, Any]) -> Iterator[str]:
        """What a function leaves behind does not say which one it was, but its event does."""
        if "detail-type" not in event:
            return
        found: dict[str, None] = {}
        for one in self._callers:
            answer = self.deployment.events.test_event_pattern(
                EventPattern=one.pattern, Event=json.dumps(event)
            )
            if answer["Result"]:
                found.update(dict.fromkeys(one.functions))
        yield from found

    @cached_property
    def _callers(self) -> list[Caller]:
        return [
            caller
            for bus in ("default", self.deployment.output("BusName"))
            for caller in self._callers_on(bus)
        ]

    def _callers_on(self, bus: str) -> Iterator[Caller]:
        """Rules of others in the same account leave their letters elsewhere."""
        ours = self.deployment.output("DeadLettersFunctions").rpartition("/")[2]
        events = self.deployment.events
        for page in events.get_paginator("list_rules").paginate(EventBusName=bus):
            for rule in page["Rules"]:
                if rule.get("State") != ON or "EventPattern" not in rule:
                    continue
                targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)
                functions = tuple(
                    one["Arn"] for one in targets["Targets"] if _is_called_with_all(one, ours)
                )
                if functions:
                    yield Caller(rule["EventPattern"], functions)


def _is_called_with_all(target: Mapping[str, Any], dead_letters: str) -> bool:
    """A function whose letters are in that queue, and who is given the whole event."""
    arn = target.get("DeadLetterConfig", {}).get("Arn", "")
    is_whole = not any(one.startswith("Input") for one in target)
    return ":function:" in target["Arn"] and arn.endswith(f":{dead_letters}") and is_whole


def _parsed(body: str) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
