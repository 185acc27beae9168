"""A reconciliation through its machine and the queue behind it, followed in the ledger."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from infra.cli import ledger, standing
from infra.cli.settling import Run, Waiting

if TYPE_CHECKING:
    from infra.cli.standing import Reconciled
    from telematics.ledger import LedgerRow

QUIET_SECONDS = 300.0
QUIET_SECONDS_WHILE_ASKING = 1_200.0  # a batch may take 15 minutes, and is told of at its end


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
class Progress(Waiting):
    """How far it is: batches of people asked about."""

    batches: int = 0
    batches_done: int = 0
    found: "Reconciled | None" = None

    @property
    def is_asked(self) -> bool:
        return self.batches_done >= self.batches


@dataclass
class Reconciliation(Run):
    """Until all batches are back and what they found is loaded; `stuck`: some never came back."""

    plan: Plan | None = None
    progress: Progress = Progress()
    stuck: bool = False
    _begun_at: datetime = field(init=False)

    def follow(self) -> Iterator[Progress]:
        # The stack's clock counts, not ours; some write it without its fraction.
        self._begun_at = self.begin("ReconciliationMachine", "reconcile").replace(microsecond=0)
        while self.plan is None:
            yield self.progress
            self.pause()
            self.plan = self._planned()
        yield from self._settle(self.plan)

    def _planned(self) -> Plan | None:
        output = self.output(
            doing="the reconciliation machine",
            remains="Nothing is lost by it; the same command begins anew",
        )
        return None if output is None else Plan.parse(output)

    def _settle(self, plan: Plan) -> Iterator[Progress]:
        """All batches back, then both queues empty for a moment."""
        moved_at = self.clock()
        while True:
            before, self.progress = self.progress, self._look(plan)
            yield self.progress
            moved_at = moved_at if self.progress == before else self.clock()
            if self.has_ended(self.progress, is_asked=self.progress.is_asked):
                return
            self.stuck = not self.progress.is_asked and self._is_stuck(self.clock() - moved_at)
            if self.stuck:
                return
            self.pause()

    def _is_stuck(self, quiet_seconds: float) -> bool:
        most = QUIET_SECONDS if self.progress.is_idle else QUIET_SECONDS_WHILE_ASKING
        return quiet_seconds >= most

    def _look(self, plan: Plan) -> Progress:
        rows = self._rows(plan)
        return Progress(
            batches=plan.batches,
            batches_done=len(rows),
            asking=self.asking(),
            loading=self.loading(),
            found=standing.reconciled(rows),
        )

    def _rows(self, plan: Plan) -> "Sequence[LedgerRow]":
        """Of this run: an earlier one of the same day had the same places."""
        begun = self._begun_at.astimezone(UTC).date()
        days: list[date] = [begun, begun + timedelta(days=1)]  # it may have begun at midnight
        rows = ledger.reconciliations(self.deployment, self.provider.name, days)
        return [row for row in rows if row.loaded_at and row.loaded_at >= self._begun_at]
