"""The ledger as operators see it: what became of every file a provider listed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow
    from telematics.offloads.period import Period

IN_RAW = ("stored", "loaded", "quarantined")
RECONCILIATION = "reconciliation"  # rows that account for a night's asking, and for no file
FINAL = ("loaded", "quarantined", "failed")
_WAITING = {
    "listed": "not fetched yet",
    "stored": "fetched, waiting to be loaded",
    "quarantined": "nothing in it can be read",
}


def rows(
    deployment: Deployment, provider: str, days: "Period | None" = None
) -> "Sequence[LedgerRow]":
    """In the order of their days."""
    from telematics.ledger import Ledger

    ledger = Ledger(deployment.ledger)
    if days is None:
        return list(ledger.rows(provider))
    return list(ledger.rows(provider, days.first, days.last))


def reconciliations(
    deployment: Deployment, provider: str, days: Iterable[date]
) -> "Sequence[LedgerRow]":
    """Only the rows of runs: of files there may be many thousands a day."""
    return [row for day in days for row in files(deployment, provider, RECONCILIATION, day)]


def files(deployment: Deployment, provider: str, dataset: str, day: date) -> "Iterator[LedgerRow]":
    """Those of one dataset and one day, page by page."""
    from telematics.ledger import Ledger

    return Ledger(deployment.ledger).rows_of(provider, dataset, day)


def reason(row: "LedgerRow") -> str:
    """Why it is not in the lake (yet), or not all that it tells of."""
    if row.state == "loaded" and row.pending:
        return f"{len(row.pending):,} of {row.items or 0:,} details are still to come"
    return row.error or _WAITING.get(row.state, row.state)
