"""Idle is a while without work, not a moment."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox import idle, loopback
from tests.sandbox.aws import Aws
from tests.sandbox.errors import StillBusy

NONE: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "LOOK_EVERY_SECONDS", 0)


def seen(*looks: Counter[str]) -> tuple[Callable[[], Counter[str]], list[int]]:
    """What is found each time one looks, the last for ever; and how often one looked."""
    count = [0]

    def look() -> Counter[str]:
        count[0] += 1
        return looks[min(count[0], len(looks)) - 1]

    return look, count


def test_work_that_comes_after_a_quiet_moment_is_waited_for() -> None:
    look, count = seen(NONE, Counter(message=1), NONE)
    idle.wait(look, 10, quiet_seconds=0.01)
    assert count[0] > 3


def test_what_is_left_is_told_when_the_time_is_over() -> None:
    look, _ = seen(Counter(message=3, execution=1))
    with pytest.raises(StillBusy, match=r"not idle after 0 s: message: 3, execution: 1"):
        idle.wait(look, 0)


def test_it_is_told_while_waiting() -> None:
    told: list[str] = []
    look, _ = seen(Counter(message=1), NONE)
    idle.wait(look, 10, quiet_seconds=0, tell=told.append)
    assert told[:2] == ["message: 1", "no work left"]


class Account:
    """Two queues of which one is taken from, a machine, a stack."""

    waiting = "0"
    running: tuple[str, ...] = ()
    status = "CREATE_COMPLETE"

    def get_paginator(self, name: str) -> "Pages":
        arns = ["arn:aws:sqs:eu-west-1:0:convert", "arn:aws:dynamodb:eu-west-1:0:table/t/stream/1"]
        return Pages(
            {
                "list_event_source_mappings": {
                    "EventSourceMappings": [{"EventSourceArn": arn} for arn in arns]
                },
                "list_state_machines": {"stateMachines": [{"stateMachineArn": "machine"}]},
            }[name]
        )

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803
        assert QueueName == "convert"
        return {"QueueUrl": "url"}

    def get_queue_attributes(self, **_: Any) -> dict[str, dict[str, str]]:
        return {"Attributes": dict.fromkeys(idle.WAITING, self.waiting)}

    def list_executions(self, **_: Any) -> dict[str, list[str]]:
        return {"executions": list(self.running)}

    def describe_stacks(self) -> dict[str, list[dict[str, str]]]:
        return {"Stacks": [{"StackStatus": self.status}]}


class Pages:
    def __init__(self, page: dict[str, Any]) -> None:
        self.page = page

    def paginate(self) -> list[dict[str, Any]]:
        return [self.page]


def left(account: Account, calls: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    aws = Aws("http://127.0.0.1:4566")
    aws.__dict__.update(functions=account, queues=account, machines=account, cloudformation=account)
    monkeypatch.setattr(loopback, "get_json", lambda url: {"calls": calls})
    return idle.work(aws)


def test_nothing_is_left_when_nothing_waits_or_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left(Account(), 0, monkeypatch) == NONE


def test_all_kinds_of_work_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    account.waiting, account.running, account.status = "2", ("one",), "UPDATE_IN_PROGRESS"
    found = left(account, 1, monkeypatch)
    assert found == {"message": 6, "execution": 1, "call of a function": 1, "deployment": 1}
