"""Whether there is work left: in a queue, an execution, a function or a deployment."""

import time
from collections import Counter
from collections.abc import Callable

from tests.sandbox import loopback
from tests.sandbox.aws import Aws
from tests.sandbox.errors import StillBusy

QUIET_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.2
WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def wait(
    look: Callable[[], Counter[str]],
    timeout_seconds: float,
    *,
    quiet_seconds: float = QUIET_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Return when there has been no work for a while: one piece of work begets the next."""
    deadline = time.monotonic() + timeout_seconds
    quiet_since: float | None = None
    while True:
        left = look()
        now = time.monotonic()
        tell(described(left))
        if left:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since >= quiet_seconds:
            return
        if now >= deadline:
            raise StillBusy(f"not idle after {timeout_seconds:g} s: {described(left)}")
        time.sleep(LOOK_EVERY_SECONDS)


def work(aws: Aws) -> Counter[str]:
    """What is left, by kind; empty when there is none."""
    left = Counter(
        {
            "message": _messages(aws),
            "execution": _executions(aws),
            "call of a function": loopback.get_json(f"{aws.endpoint}/_sandbox/calls")["calls"],
            "deployment": _deployments(aws),
        }
    )
    return +left


def described(left: Counter[str]) -> str:
    return ", ".join(f"{kind}: {count}" for kind, count in left.items()) or "no work left"


def _messages(aws: Aws) -> int:
    """Only in queues that something takes from: dead letters wait for a person."""
    count = 0
    for page in aws.functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            service, _, _, name = mapping["EventSourceArn"].split(":", 5)[2:]
            if service == "sqs":
                url = aws.queues.get_queue_url(QueueName=name)["QueueUrl"]
                found = aws.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
                attributes = dict[str, str](found["Attributes"].items())
                count += sum(int(attributes[kind]) for kind in WAITING)
    return count


def _executions(aws: Aws) -> int:
    machines = [
        machine["stateMachineArn"]
        for page in aws.machines.get_paginator("list_state_machines").paginate()
        for machine in page["stateMachines"]
    ]
    return sum(
        len(aws.machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])
        for arn in machines
    )


def _deployments(aws: Aws) -> int:
    stacks = aws.cloudformation.describe_stacks()["Stacks"]
    return sum(stack["StackStatus"].endswith("IN_PROGRESS") for stack in stacks)
