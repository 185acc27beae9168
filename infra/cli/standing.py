"""How a provider stands: what of its files is in the lake, and what is not, by the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict

from infra.cli import console, ledger

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow


class Reconciled(TypedDict):
    """The newest run: what the provider lists, and what of it was not here as it should be."""

    at: str | None
    percent: float
    listed: int
    missed: int
    late: int
    changed: int


class ProviderStatus(TypedDict):
    """`refused` are details that there will never be, by reason; `dropped` is what came of people
    whose data may not be kept."""

    listed: int
    stored: int
    loaded: int
    quarantined: int
    missing: list[str]
    completeness: float
    newest: str | None
    dropped: NotRequired[int]
    refused: NotRequired[dict[str, int]]
    reconciliation: NotRequired[Reconciled]


def of(rows: "Sequence[LedgerRow]") -> ProviderStatus:
    these = files(rows)
    loaded = [row for row in these if row.state == "loaded"]
    newest = max((row.loaded_at for row in loaded if row.loaded_at), default=None)
    standing: ProviderStatus = {
        "listed": len(these),
        "stored": sum(row.state in ledger.IN_RAW for row in these),
        "loaded": len(loaded),
        "quarantined": sum(row.quarantined or 0 for row in these),
        "missing": [row.file for row in these if is_missing(row)],
        "completeness": _completeness(these),
        "newest": console.iso(newest) if newest else None,
    }
    if dropped := sum(row.dropped for row in these):
        standing["dropped"] = dropped
    if refused := _refused(these):
        standing["refused"] = refused
    if found := reconciled([row for row in rows if row.dataset == ledger.RECONCILIATION]):
        standing["reconciliation"] = found
    return standing


def files(rows: "Sequence[LedgerRow]") -> "list[LedgerRow]":
    return [row for row in rows if row.dataset != ledger.RECONCILIATION]


def is_missing(row: "LedgerRow") -> bool:
    """Not in the lake, or only a part of what it tells of.

    What somebody sent us that nobody can read is no hole: it waits in quarantine, and nothing else
    is to come.
    """
    from telematics.catalog import PROVIDERS

    provider = PROVIDERS[row.provider]
    if row.state == "quarantined":
        return row.dataset not in {webhook.dataset for webhook in provider.webhooks}
    is_unasked = row.items is None and row.dataset in provider.enriched
    return row.state != "loaded" or bool(row.pending) or is_unasked


def reconciled(rows: "Sequence[LedgerRow]") -> Reconciled | None:
    """Of the newest day."""
    from telematics.attention.reconciliations import Run

    run = Run.newest(rows)
    if run is None:
        return None
    return {
        "at": console.iso(run.at) if run.at else None,
        "percent": run.percent,
        "listed": run.listed,
        "missed": run.missed,
        "late": run.late,
        "changed": run.changed,
    }


def _completeness(rows: "Sequence[LedgerRow]") -> float:
    """A notification counts as much as the things it tells of, any other file as one."""
    whole = done = 0
    for row in rows:
        weight = 1 if row.items is None else row.items
        whole += weight
        open_ = len(row.pending) if row.state == "loaded" and row.pending else weight
        done += weight - open_ if is_missing(row) else weight
    return done / whole if whole else 1.0


def _refused(rows: "Sequence[LedgerRow]") -> dict[str, int]:
    counted = Counter[str]()
    for row in rows:
        counted.update(row.refused)
    return dict(counted.most_common())


def refusals(standing: Mapping[str, ProviderStatus]) -> list[tuple[str, str, int]]:
    """Provider, reason and how many."""
    return [
        (name, reason, count)
        for name, one in standing.items()
        for reason, count in one.get("refused", {}).items()
    ]
