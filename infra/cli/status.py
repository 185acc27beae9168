"""`telematics status`: what was listed, stored and loaded, what is missing, how fresh it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from rich.markup import escape

from infra.cli import console, ledger, target
from infra.cli.options import FromOption, JsonOption, SandboxOption, ToOption, examples
from infra.cli.ranges import any_days
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.ledger import LedgerRow
    from telematics.offloads.period import Period

    Files: TypeAlias = Mapping[str, Sequence[LedgerRow]]

EXAMPLES = examples(
    "status",
    "status --from 2023-06-01 --to 2023-06-30",
    "status --json",
)
STALE = timedelta(hours=36)  # one daily offload late, and half a day to spare
SHOWN_MISSING = 20


class ProviderStatus(TypedDict):
    listed: int
    stored: int
    loaded: int
    quarantined: int
    missing: list[str]
    completeness: float
    newest: str | None


class QueueStatus(TypedDict):
    waiting: int
    dead: int


class Status(TypedDict):
    """What `--json` prints; scripts rely on it."""

    providers: dict[str, ProviderStatus]
    webhooks: dict[str, str]
    queues: dict[str, QueueStatus]
    tasks: dict[str, int]
    users: dict[str, int]


def status(
    from_: FromOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Show what was listed, stored, loaded and is missing, per provider; and the queues."""
    days = any_days(from_, to)
    deployment = target.find(sandbox)
    files = listed(deployment, days)
    found = summarized(files, queues(deployment))
    if as_json:
        console.write_json(found)
    else:
        show(found, files, now=datetime.now(UTC))


def listed(deployment: Deployment, days: "Period | None" = None) -> "Files":
    """The files in the ledger, of every provider that the stack fetches from."""
    from telematics.catalog import PROVIDERS

    return {
        name: ledger.rows(deployment, name, days)
        for name, provider in PROVIDERS.items()
        if provider.fetches_offloads
    }


def summarized(files: "Files", queue_depths: dict[str, QueueStatus]) -> Status:
    return {
        "providers": {name: _provider(rows) for name, rows in files.items()},
        "webhooks": {},
        "queues": queue_depths,
        "tasks": {},
        "users": {},
    }


def _provider(rows: "Sequence[LedgerRow]") -> ProviderStatus:
    loaded = [row for row in rows if row.state == "loaded"]
    newest = max((row.loaded_at for row in loaded if row.loaded_at), default=None)
    return {
        "listed": len(rows),
        "stored": sum(row.state in ledger.IN_RAW for row in rows),
        "loaded": len(loaded),
        "quarantined": sum(row.quarantined or 0 for row in rows),
        "missing": [row.file for row in rows if row.state != "loaded"],
        "completeness": len(loaded) / len(rows) if rows else 1.0,
        "newest": console.iso(newest) if newest else None,
    }


def queues(deployment: Deployment) -> dict[str, QueueStatus]:
    """By the stack's outputs: `QueueConvert` and `DeadLettersConvert` are the queue `convert`."""
    names = [
        name
        for output in deployment.outputs
        if (name := re.sub(r"^(Queue|DeadLetters)", "", output)) != output
    ]
    return {
        _spelled(name): {
            "waiting": depth(deployment, f"Queue{name}"),
            "dead": depth(deployment, f"DeadLetters{name}"),
        }
        for name in sorted(set(names))
    }


def _spelled(camel: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).lower()


def depth(deployment: Deployment, output: str) -> int:
    """Messages in a queue, those being worked on included; 0 if there is no such queue."""
    url = deployment.outputs.get(output)
    if url is None:
        return 0
    counts = deployment.queues.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    return sum(int(count) for count in counts["Attributes"].values())


def show(found: Status, files: "Files", *, now: datetime) -> None:
    _show_providers(found, now)
    _show_queues(found)
    for provider, rows in files.items():
        _show_missing(provider, [row for row in rows if row.state != "loaded"])


def _show_providers(found: Status, now: datetime) -> None:
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


def _freshness(newest: str | None, now: datetime) -> str:
    if newest is None:
        return _flagged("never", True)
    instant = datetime.fromisoformat(newest)
    return _flagged(f"{newest} ({console.ago(instant, now)})", now - instant > STALE)


def _flagged(text: str, bad: bool) -> str:
    return f"[yellow]{escape(text)}[/]" if bad else escape(text)


def _show_queues(found: Status) -> None:
    table = console.table("queue", "waiting>", "dead letters>")
    for name, one in found["queues"].items():
        dead = f"{one['dead']:,}"
        table.add_row(name, f"{one['waiting']:,}", f"[bold red]{dead}[/]" if one["dead"] else dead)
    console.out().print()
    console.out().print(table)


def _show_missing(provider: str, missing: "Sequence[LedgerRow]") -> None:
    if not missing:
        return
    table = console.table(f"missing from {provider}", "because")
    for row in missing[:SHOWN_MISSING]:
        table.add_row(escape(row.file), escape(ledger.reason(row)))
    console.out().print()
    console.out().print(table)
    if len(missing) > SHOWN_MISSING:
        console.out().print(f"and {len(missing) - SHOWN_MISSING:,} more: telematics status --json")
    if fetchable := [row.day for row in missing if row.state != "quarantined"]:
        days = f"--from {fetchable[0]} --to {fetchable[-1]}"
        console.out().print(f"fetch what is missing: telematics fetch {provider} {days}")
