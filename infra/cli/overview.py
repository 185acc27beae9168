"""The tables that `telematics status` shows to people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.markup import escape

from infra.cli import console, ledger, standing
from infra.cli.attention import Outlook

if TYPE_CHECKING:
    from rich.table import Table

    from infra.cli.status import Files, Status
    from telematics.ledger import LedgerRow

STALE = timedelta(hours=36)  # one daily offload late, and half a day to spare
SHOWN_MISSING = 20
RUNBOOK = "docs/runbook.md"


def show(found: "Status", files: "Files", outlook: Outlook, *, now: datetime) -> None:
    _show_attention(found, now)
    _show_providers(found, now)
    _show_reconciliations(found)
    _show_webhooks(found)
    _show_queues(found, outlook)
    _show_outlook(outlook, now)
    _show_counts("tasks", found["tasks"])
    _show_counts("users", found["users"])
    _show_refusals(found)
    for provider, rows in files.items():
        missing = [row for row in standing.files(rows) if standing.is_missing(row)]
        if missing:
            _show_missing(provider, missing)


def _show_providers(found: "Status", now: datetime) -> None:
    table = console.table(
        "provider", "listed>", "stored>", "loaded>", "complete>", "quarantined>", "newest load"
    )
    for name, one in found["providers"].items():
        table.add_row(
            name,
            *(f"{count:,}" for count in (one["listed"], one["stored"], one["loaded"])),
            _flagged(f"{one['completeness']:.1%}", one["completeness"] < 1),
            _flagged(f"{one['quarantined']:,}", one["quarantined"] > 0),
            _freshness(one["newest"], now),
        )
    console.out().print(table)


def _show_attention(found: "Status", now: datetime) -> None:
    """Before everything else, and nothing where nothing is amiss."""
    table = console.table("attention", "since", "what helps")
    for one in found["attention"]:
        since = console.ago(datetime.fromisoformat(one["since"]), now) if one["since"] else ""
        table.add_row(_flagged(one["what"], True), since, escape(one["command"]))
    if table.row_count:
        console.out().print(table)
        console.out().print(f"each has its section in {RUNBOOK}\n")


def _show_outlook(outlook: Outlook, now: datetime) -> None:
    table = console.table("besides", "")
    if waiting := outlook.erasing:
        oldest = console.ago(waiting[0], now)
        table.add_row("erasures under way", f"{len(waiting):,}, the oldest asked for {oldest}")
    for provider, day in outlook.keys.items():
        table.add_row(f"keys of {provider}", f"good until {day}")
    if outlook.tended:
        table.add_row("lake tended", console.ago(outlook.tended, now))
    if table.row_count:
        _below(table)


def _freshness(newest: str | None, now: datetime) -> str:
    if newest is None:
        return _flagged("never", True)
    instant = datetime.fromisoformat(newest)
    return _flagged(f"{newest} ({console.ago(instant, now)})", now - instant > STALE)


def _flagged(text: str, bad: bool) -> str:
    return f"[yellow]{escape(text)}[/]" if bad else escape(text)


def _show_reconciliations(found: "Status") -> None:
    table = console.table(
        "reconciled", "at", "were here>", "listed>", "missed>", "late>", "changed>"
    )
    for name, provider in found["providers"].items():
        if one := provider.get("reconciliation"):
            table.add_row(
                name,
                one["at"] or "",
                _flagged(f"{one['percent']:.2f}%", one["percent"] < 100),
                *(f"{one[count]:,}" for count in ("listed", "missed", "late", "changed")),
            )
    if table.row_count:
        _below(table)


def _show_webhooks(found: "Status") -> None:
    table = console.table("webhook", "url")
    for name, url in found["webhooks"].items():
        table.add_row(escape(name), escape(url))
    if table.row_count:
        _below(table)


def _show_queues(found: "Status", outlook: Outlook) -> None:
    table = console.table("queue", "waiting>", "dead letters>", "oldest>" if outlook.ages else "")
    for name, one in found["queues"].items():
        dead, age = f"{one['dead']:,}", outlook.ages.get(name)
        table.add_row(
            name,
            f"{one['waiting']:,}",
            f"[bold red]{dead}[/]" if one["dead"] else dead,
            f"{age.total_seconds() / 60:,.0f} minutes" if age else "",
        )
    _below(table)


def _show_counts(of: str, counts: Mapping[str, int]) -> None:
    table = console.table(of, "how many>")
    for state, count in counts.items():
        table.add_row(escape(state), f"{count:,}")
    if table.row_count:
        _below(table)


def _show_refusals(found: "Status") -> None:
    table = console.table("details refused by", "because", "times>")
    for name, reason, count in standing.refusals(found["providers"]):
        table.add_row(name, escape(reason), f"{count:,}")
    if table.row_count:
        _below(table)


def _show_missing(provider: str, missing: "Sequence[LedgerRow]") -> None:
    table = console.table(f"missing from {provider}", "because")
    for row in missing[:SHOWN_MISSING]:
        table.add_row(escape(row.file), escape(ledger.reason(row)))
    _below(table)
    if len(missing) > SHOWN_MISSING:
        console.out().print(f"and {len(missing) - SHOWN_MISSING:,} more: telematics status --json")
    _show_way_on(provider, missing)


def _show_way_on(provider: str, missing: "Sequence[LedgerRow]") -> None:
    from telematics.catalog import PROVIDERS

    fetchable = [row.day for row in missing if row.state not in ("quarantined", "loaded")]
    days = f"--from {fetchable[0]} --to {fetchable[-1]}" if fetchable else ""
    if days and PROVIDERS[provider].fetches_offloads:
        console.out().print(f"fetch what is missing: telematics fetch {provider} {days}")
    if days and PROVIDERS[provider].syncs:
        console.out().print(f"ask for what is missing: telematics sync {provider} {days}")
    if any(row.pending for row in missing):
        console.out().print(f"ask for what is still to come: telematics reconcile {provider}")


def _below(table: "Table") -> None:
    console.out().print()
    console.out().print(table)
