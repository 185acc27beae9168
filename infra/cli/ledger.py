"""The ledger as operators see it: what became of every file a provider listed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow
    from telematics.offloads.period import Period

IN_RAW = ("stored", "loaded", "quarantined")
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


def reason(row: "LedgerRow") -> str:
    """Why it is not in the lake (yet)."""
    return row.error or _WAITING.get(row.state, row.state)
