"""Work that a machine asks for and queues do, followed until nothing of it is left."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.cli import execution, status
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider

PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 3.0
# So long nothing is waiting: what is in raw is announced to a queue, which takes a moment.
IDLE_SECONDS, IDLE_SECONDS_ON_AWS = 2.0, 20.0
LONGEST_SETTLING_SECONDS = 1_200.0  # where others keep bringing data, queues are never empty


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Messages in the two queues behind a provider."""

    asking: int = 0
    loading: int = 0

    @property
    def is_idle(self) -> bool:
        return not (self.asking or self.loading)


@dataclass
class Run:
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
    is_settled: bool = False
    _asked_at: float | None = field(default=None, init=False)
    _idle_since: float | None = field(default=None, init=False)

    def begin(self, machine: str, verb: str) -> datetime:
        """When the machine says that it began; `verb` is in the execution's name."""
        started = self.deployment.machines.start_execution(
            stateMachineArn=self.deployment.output(f"{machine}{self.provider.id}"),
            name=f"{verb}-{self.now():%Y%m%dT%H%M%S}",
            input=json.dumps(self.days),
        )
        self.execution = started["executionArn"]
        begun: datetime = started["startDate"]
        return begun

    def output(self, *, doing: str, remains: str) -> str | None:
        return execution.output(self.deployment, self.execution, doing=doing, remains=remains)

    def asking(self) -> int:
        return status.depth(self.deployment, f"QueueEnrich{self.provider.id}")

    def loading(self) -> int:
        queue = "QueueMerge" if self.provider.sends_versions else "QueueConvert"
        return status.depth(self.deployment, queue)

    def has_ended(self, waiting: Waiting, *, is_asked: bool = True) -> bool:
        """All is asked for and the queues were empty for a moment, or not for far too long."""
        now = self.clock()
        self._idle_since = _since(self._idle_since, now, waiting.is_idle)
        self._asked_at = _since(self._asked_at, now, is_asked)
        if self._asked_at is None:
            return False
        idle = IDLE_SECONDS if self.deployment.in_sandbox else IDLE_SECONDS_ON_AWS
        self.is_settled = self._idle_since is not None and now - self._idle_since >= idle
        return self.is_settled or now - self._asked_at >= LONGEST_SETTLING_SECONDS

    def pause(self) -> None:
        self.sleep(PAUSE_SECONDS if self.deployment.in_sandbox else PAUSE_SECONDS_ON_AWS)

    def left_running(self) -> str:
        """What becomes of it when nobody looks on any more."""
        if not self.execution:
            return "stopped before anything was started"
        return "stopped looking on; it goes on in the stack: follow it with `telematics status`"


def _since(before: float | None, now: float, holds: bool) -> float | None:
    if not holds:
        return None
    return now if before is None else before
