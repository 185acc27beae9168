"""What a replay comes to and came to, for people and for scripts."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import typer
from rich.markup import escape

from infra.cli import console
from infra.cli.replaying.plan import Plan

SHOWN_DAYS = 20


class Share(TypedDict):
    """Objects of one dataset and one day."""

    dataset: str
    day: str
    objects: int
    bytes: int


class Answer(TypedDict):
    """What `--json` prints. `result` is there once it was waited for; `settled`: with nothing left
    in the queues."""

    objects: int
    bytes: int
    usd: float
    seconds: float
    costs: dict[str, float]
    days: list[Share]
    sent: int
    settled: NotRequired[bool]
    dead_letters: NotRequired[int]
    result: NotRequired[dict[str, int]]


def told(plan: Plan) -> Answer:
    estimate = plan.estimate()
    return {
        "objects": plan.objects,
        "bytes": plan.bytes,
        "usd": round(estimate.usd, 6),
        "seconds": round(estimate.seconds, 1),
        "costs": {name: round(usd, 6) for name, usd in estimate.lines.items()},
        "days": [
            Share(dataset=f"{place}", day=f"{day}", objects=tally.objects, bytes=tally.bytes)
            for (place, day), tally in plan.tallies.items()
        ],
        "sent": 0,
    }


def write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        console.write_json(answer)
    elif found := answer.get("result"):
        typer.echo(
            f"{answer['sent']:,} objects sent: {found['loaded']:,} loaded with {found['rows']:,}"
            f" rows, {found['unreadable']:,} unreadable, {found['failed']:,} failed,"
            f" {found['left']:,} left; {found['quarantined']:,} rows in quarantine,"
            f" {answer['dead_letters']:,} new dead letters"
        )
    elif answer["sent"]:
        typer.echo(f"{answer['sent']:,} objects sent: telematics status shows the queues")
    else:
        _show(answer["days"])
        typer.echo(summary(answer))


def _show(days: Sequence[Share]) -> None:
    table = console.table("dataset", "day", "objects>", "size>")
    for one in days[:SHOWN_DAYS]:
        size = console.size(one["bytes"])
        table.add_row(escape(one["dataset"]), one["day"], f"{one['objects']:,}", size)
    if days:
        console.out().print(table)
    if len(days) > SHOWN_DAYS:
        console.out().print(f"and {len(days) - SHOWN_DAYS:,} more: --json shows them all")


def summary(answer: Answer) -> str:
    minutes = max(1, round(answer["seconds"] / 60))
    return (
        f"{answer['objects']:,} objects, {console.size(answer['bytes'])}: about"
        f" {answer['usd']:.4f} USD and {minutes:,} minutes"
    )
