"""The ledger as operators see it: what became of every file a provider listed."""

from collections.abc import Iterable, Sequence
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
    from boto3.dynamodb.conditions import Key

    from telematics.ledger import BEHIND_EVERY_FILE, LedgerRow

    found: list[LedgerRow] = []
    for day in days:
        first = f"{day.isoformat()}/{RECONCILIATION}/"
        where = Key("provider").eq(provider) & Key("file").between(first, first + BEHIND_EVERY_FILE)
        page = deployment.ledger.query(KeyConditionExpression=where, ConsistentRead=True)
        found += map(LedgerRow.model_validate, page["Items"])
        while place := page.get("LastEvaluatedKey"):
            page = deployment.ledger.query(
                KeyConditionExpression=where, ConsistentRead=True, ExclusiveStartKey=place
            )
            found += map(LedgerRow.model_validate, page["Items"])
    return found


def reason(row: "LedgerRow") -> str:
    """Why it is not in the lake (yet), or not all that it tells of."""
    if row.state == "loaded" and row.pending:
        return f"{len(row.pending):,} of {row.items or 0:,} details are still to come"
    return row.error or _WAITING.get(row.state, row.state)
