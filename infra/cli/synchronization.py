"""A provider's events through their machine and the queues behind it, followed to the end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from infra.cli import execution, status
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider

PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 3.0
# So long nothing is waiting: what is in raw is announced to a queue, which takes a moment.
IDLE_SECONDS, IDLE_SECONDS_ON_AWS = 2.0, 20.0
LONGEST_SETTLING_SECONDS = 1_200.0  # where others keep bringing data, queues are never empty

Found: TypeAlias = Mapping[str, Any]  # what the machine says of its work, as JSON


@dataclass(frozen=True)
class Progress:
    """How far it is. `found` is None while the machine runs."""

    found: Found | None = None
    asking: int = 0
    loading: int = 0

    @property
    def is_idle(self) -> bool:
        return not (self.asking or self.loading)


@dataclass
class Synchronization:
    """Following it is all we do: the work is the stack's.

    `is_settled`: nothing was left in the queues.
    """

    deployment: Deployment
    provider: "Provider"
    days: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    execution: str = ""
    found: Found | None = None
    is_settled: bool = False

    def start(self) -> None:
        started = self.deployment.machines.start_execution(
            stateMachineArn=self.deployment.output(f"SyncMachine{self.provider.id}"),
            name=f"sync-{self.now():%Y%m%dT%H%M%S}",
            input=json.dumps(self.days),
        )
        self.execution = started["executionArn"]

    def follow(self) -> Iterator[Progress]:
        self.start()
        while self.found is None:
            yield Progress()
            self._pause()
            self.found = self._done()
        yield from self._settle(self.found)

    def _done(self) -> Found | None:
        output = execution.output(
            self.deployment,
            self.execution,
            doing="the sync machine",
            remains="What it stored stays; the same command goes on from there",
        )
        if output is None:
            return None
        told = json.loads(output)
        return told if isinstance(told, dict) else {}

    def _settle(self, found: Found) -> Iterator[Progress]:
        """Until the queues have been empty for a moment."""
        begun = self.clock()
        idle_since: float | None = None
        while True:
            progress = Progress(
                found,
                asking=status.depth(self.deployment, f"QueueEnrich{self.provider.id}"),
                loading=status.depth(self.deployment, self._loading_queue),
            )
            yield progress
            now = self.clock()
            if not progress.is_idle:
                idle_since = None
            elif idle_since is None:
                idle_since = now
            self.is_settled = idle_since is not None and now - idle_since >= self._idle_seconds
            if self.is_settled or now - begun >= LONGEST_SETTLING_SECONDS:
                return
            self._pause()

    @property
    def _loading_queue(self) -> str:
        return "QueueMerge" if self.provider.sends_versions else "QueueConvert"

    @property
    def _idle_seconds(self) -> float:
        return IDLE_SECONDS if self.deployment.in_sandbox else IDLE_SECONDS_ON_AWS

    def _pause(self) -> None:
        in_sandbox = self.deployment.in_sandbox
        self.sleep(PAUSE_SECONDS if in_sandbox else PAUSE_SECONDS_ON_AWS)
