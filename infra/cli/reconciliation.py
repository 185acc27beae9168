"""A reconciliation through its machine and the queue behind it, followed in the ledger."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from infra.cli import execution, ledger, standing, status
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from infra.cli.standing import Reconciled
    from telematics.catalog import Provider
    from telematics.ledger import LedgerRow

PAUSE_SECONDS, PAUSE_SECONDS_ON_AWS = 0.5, 3.0
# So long nothing is waiting: what is in raw is announced to a queue, which takes a moment.
IDLE_SECONDS, IDLE_SECONDS_ON_AWS = 2.0, 20.0
QUIET_SECONDS = 300.0
QUIET_SECONDS_WHILE_ASKING = 1_200.0  # a batch may take 15 minutes, and is told of at its end
LONGEST_SETTLING_SECONDS = 1_200.0  # where new notifications keep coming, queues are never empty


@dataclass(frozen=True)
class Plan:
    """What the machine has asked for."""

    first: str
    last: str
    people: int
    batches: int
    unfinished: int

    @classmethod
    def parse(cls, text: str) -> "Plan":
        told = json.loads(text)
        return cls(**{name: told[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Progress:
    """How far it is: batches of people asked about, and messages in the two queues."""

    batches: int = 0
    batches_done: int = 0
    asking: int = 0
    loading: int = 0
    found: "Reconciled | None" = None

    @property
    def is_asked(self) -> bool:
        return self.batches_done >= self.batches

    @property
    def is_idle(self) -> bool:
        return not (self.asking or self.loading)


@dataclass
class Reconciliation:
    """Following it is all we do: the work is the stack's.

    `stuck`: batches never came back. `is_settled`: nothing was left in the queues.
    """

    deployment: Deployment
    provider: "Provider"
    days: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    execution: str = ""
    plan: Plan | None = None
    progress: Progress = Progress()
    stuck: bool = False
    is_settled: bool = False
    _begun_at: datetime = field(init=False)

    def start(self) -> None:
        started = self.deployment.machines.start_execution(
            stateMachineArn=self.deployment.output(f"ReconciliationMachine{self.provider.id}"),
            name=f"reconcile-{self.now():%Y%m%dT%H%M%S}",
            input=json.dumps(self.days),
        )
        # The stack's clock counts, not ours; some write it without its fraction.
        self._begun_at = started["startDate"].replace(microsecond=0)
        self.execution = started["executionArn"]

    def follow(self) -> Iterator[Progress]:
        self.start()
        while self.plan is None:
            yield self.progress
            self._pause()
            self.plan = self._planned()
        yield from self._settle(self.plan)

    def _planned(self) -> Plan | None:
        output = execution.output(
            self.deployment,
            self.execution,
            doing="the reconciliation machine",
            remains="Nothing is lost by it; the same command begins anew",
        )
        return None if output is None else Plan.parse(output)

    def _settle(self, plan: Plan) -> Iterator[Progress]:
        """All batches back, then both queues empty for a moment."""
        moved_at = self.clock()
        idle_since: float | None = None
        asked_at: float | None = None
        while True:
            before, self.progress = self.progress, self._look(plan)
            yield self.progress
            now = self.clock()
            moved_at = moved_at if self.progress == before else now
            idle_since = _since(idle_since, now, self.progress.is_idle)
            asked_at = _since(asked_at, now, self.progress.is_asked)
            if asked_at is not None:
                self.is_settled = idle_since is not None and now - idle_since >= self._idle_seconds
                if self.is_settled or now - asked_at >= LONGEST_SETTLING_SECONDS:
                    return
            elif self._is_stuck(now - moved_at):
                self.stuck = True
                return
            self._pause()

    def _is_stuck(self, quiet_seconds: float) -> bool:
        most = QUIET_SECONDS if self.progress.is_idle else QUIET_SECONDS_WHILE_ASKING
        return quiet_seconds >= most

    def _look(self, plan: Plan) -> Progress:
        rows = self._rows(plan)
        return Progress(
            batches=plan.batches,
            batches_done=len(rows),
            asking=status.depth(self.deployment, f"QueueEnrich{self.provider.id}"),
            loading=status.depth(self.deployment, self._loading_queue),
            found=standing.reconciled(rows),
        )

    def _rows(self, plan: Plan) -> "Sequence[LedgerRow]":
        """Of this run: an earlier one of the same day had the same places."""
        begun = self._begun_at.astimezone(UTC).date()
        days: list[date] = [begun, begun + timedelta(days=1)]  # it may have begun at midnight
        rows = ledger.reconciliations(self.deployment, self.provider.name, days)
        return [row for row in rows if row.loaded_at and row.loaded_at >= self._begun_at]

    @property
    def _loading_queue(self) -> str:
        return "QueueMerge" if self.provider.sends_versions else "QueueConvert"

    @property
    def _idle_seconds(self) -> float:
        return IDLE_SECONDS if self.deployment.in_sandbox else IDLE_SECONDS_ON_AWS

    def _pause(self) -> None:
        in_sandbox = self.deployment.in_sandbox
        self.sleep(PAUSE_SECONDS if in_sandbox else PAUSE_SECONDS_ON_AWS)


def _since(before: float | None, now: float, holds: bool) -> float | None:
    if not holds:
        return None
    return now if before is None else before
