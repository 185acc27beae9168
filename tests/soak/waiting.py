"""Three days of waiting, in minutes: a second stands for the longest wait of a quarter of an hour.

What an execution leaves in its history is counted, and what its transitions cost.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telematics.waits import Waits
from tests.integration.footage import Crowd, Told
from tests.integration.insurer import Insurer
from tests.sandbox.assembly import Assembly
from tests.sandbox.deployment import Deployment
from tests.sandbox.progress import Silent
from tests.soak.tally import Tally

SCALE = 900  # seconds of theirs in one of ours
DAY_SECONDS = 86_400
DONE_AFTER_SECONDS = 3 * DAY_SECONDS
AWAY_SECONDS = 2 * DAY_SECONDS / SCALE
DEADLINE_HOURS = 90 / SCALE  # more than the usual, which would come just before
WITHIN_SECONDS = 400
ON_AWS = Waits(first_seconds=10, longest_seconds=900)
MOST_EVENTS, MOST_USD = 5_000, 0.05
USD_PER_TRANSITION = 0.025 / 1000
# AWS writes two more for each task than the emulator does: that it was started, and submitted.
MORE_EVENTS_ON_AWS = 2
NOT_OURS = "BootstrapVersion"  # CDK's own, which CloudFormation looks up
SLOW, AWAY = "driver-0002", "driver-0003"
HISTORY = [[0, 0], [3_600, 1], [7_200, 4], [DAY_SECONDS, 5], [DONE_AFTER_SECONDS, 2]]


def run(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    tune(insurer, DashcamClipLongestWait="1")
    insurer.dashcam.told("clock", scale=SCALE)
    at = (datetime.now(UTC) - timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    slow, away = (insurer.dashcam.device(one) for one in (SLOW, AWAY))
    insurer.dashcam.told("clips", device=slow, count=1, history=HISTORY)
    insurer.dashcam.told("devices", device=away, state="offline")
    crowd = Crowd(insurer)
    asked = [crowd.request(one, at, deadline_hours=DEADLINE_HOURS) for one in (slow, away)]
    time.sleep(AWAY_SECONDS)
    insurer.dashcam.told("devices", device=away, state="online")
    ended = crowd.ended(asked, within_seconds=WITHIN_SECONDS)
    insurer.dashcam.told("clock", scale=1)
    tally.tell("a clip that takes three days, and one of a device that was away for two", begun)
    for clip, what in zip(ended, ("the one that takes three days", "the other one"), strict=True):
        tally.expect(what, clip["state"], "stored")
        account(tally, clip, history(insurer, clip))


def account(tally: Tally, clip: Told, counted: Mapping[str, int]) -> None:
    transitions = sum(n for kind, n in counted.items() if kind.endswith("StateEntered"))
    on_aws = sum(counted.values()) + MORE_EVENTS_ON_AWS * counted["TaskScheduled"]
    looks = max(1, clip["polls"])  # a machine that is busy has time for fewer
    scale = max(1.0, len(list(ON_AWS.until(3 * DAY_SECONDS))) / looks)
    tally.tell(f"  looks: {looks}, transitions: {transitions}; times {scale:.2f} for three days")
    tally.expect_below("events in its history", round(sum(counted.values()) * scale), MOST_EVENTS)
    tally.expect_below("events that AWS would write", round(on_aws * scale), MOST_EVENTS)
    tally.expect_below("USD", round(transitions * scale * USD_PER_TRANSITION, 4), MOST_USD)


def history(insurer: Insurer, clip: Told) -> Counter[str]:
    """Of the execution that worked on it: kinds of events."""
    machines = insurer.sandbox.aws.machines
    machine = insurer.stack.output("ClipMachineDashcam")
    for page in machines.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for one in page["executions"]:
            told = machines.describe_execution(executionArn=one["executionArn"])
            if clip["clip_id"] in told["input"]:
                return Counter(event["type"] for event in events(machines, one["executionArn"]))
    raise LookupError(clip["clip_id"])


def events(machines: Any, execution: str) -> Iterator[Any]:  # Any: boto3's client, and its events
    pages = machines.get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=execution, maxResults=1000):
        yield from page["events"]


def tune(insurer: Insurer, **parameters: str) -> None:
    """The same stack with other parameters."""
    sandbox = insurer.sandbox
    ours = {name: one for name, one in insurer.stack.parameters.items() if name != NOT_OURS}
    deployment = Deployment(sandbox.aws, Assembly(sandbox.places.assembly), Silent())
    deployment.run({**ours, **parameters})
