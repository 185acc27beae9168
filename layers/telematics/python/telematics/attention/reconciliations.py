"""What a provider listed, and the lake did not have: by the newest run of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from telematics.attention.problem import Kind, Problem
from telematics.catalog import PROVIDERS
from telematics.ledger import Ledger, LedgerRow

DATASET = "reconciliation"  # in the ledger: rows that account for a night's asking, and for no file
JUDGED_DAYS = 3


@dataclass(frozen=True)
class Run:
    """One night's, all its batches together."""

    day: date
    at: datetime | None
    listed: int
    missed: int
    late: int
    changed: int

    @property
    def percent(self) -> float:
        """How much of it the lake had all along."""
        return 100 * (self.listed - self.missed - self.late) / self.listed if self.listed else 100.0

    @classmethod
    def newest(cls, rows: Sequence[LedgerRow]) -> Self | None:
        """A batch that was begun and has told nothing yet does not count."""
        told = [row for row in rows if row.listed is not None]
        if not told:
            return None
        day = max(row.day for row in told)
        run = [row for row in told if row.day == day]
        return cls(
            day,
            max((row.loaded_at for row in run if row.loaded_at), default=None),
            listed=sum(row.listed or 0 for row in run),
            missed=sum(row.missed or 0 for row in run),
            late=sum(row.late or 0 for row in run),
            changed=sum(row.changed or 0 for row in run),
        )


def incomplete(ledger: Ledger, *, now: datetime) -> Iterator[Problem]:
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in range(JUDGED_DAYS)]
    for name, provider in PROVIDERS.items():
        if provider.enriched:
            rows = [row for day in days for row in ledger.rows_of(name, DATASET, day)]
            run = Run.newest(rows)
            if run and run.percent < 100:
                yield _problem(name, run)


def _problem(provider: str, run: Run) -> Problem:
    return Problem(
        Kind.RECONCILIATION,
        f"{provider}/{run.day}",
        f"{provider}, {run.day}: {run.percent:.2f} % of {run.listed} were here,"
        f" {run.missed} missed and {run.late} late",
        f"telematics reconcile {provider}",
        run.at,
    )
