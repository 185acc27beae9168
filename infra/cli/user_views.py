"""What the desk answers about users, for people and for scripts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.markup import escape

from infra.cli import console, receipts
from infra.cli.desk import Answer
from infra.cli.exits import Incomplete

SAID = {"told": "was told", "gated_here": "has no call for it: gated here", "failed": "NOT told"}


def write(answer: Answer, *, as_json: bool) -> None:
    """Raises Incomplete where a provider was not told, once all that there is was written."""
    if as_json:
        console.write_json(answer)
    else:
        _show(answer)
    if failed := [name for name, told in answer.get("providers", {}).items() if told == "failed"]:
        reasons = "; ".join(f"{answer.get('reasons', {}).get(one, one)}" for one in failed)
        raise Incomplete(f"{', '.join(failed)} does not know of it: {reasons}; repeat the command")


def write_page(users: Sequence[Answer], *, as_json: bool) -> None:
    if as_json:
        console.write_json(users)
        return
    table = console.table("user", "status", "since", "links")
    for one in users:
        table.add_row(*map(escape, (one["user_id"], one["status"], one["since"], _links(one))))
    console.out().print(table)


def write_log(entries: Iterable[Mapping[str, Any]]) -> None:  # Any: JSON of the API
    table = console.table("at", "what", "by", "why", "result")
    for one in entries:
        result = one["result"] if one["action"] != receipts.ERASED else "telematics user receipt"
        told = (one["at"], one["action"], one["by"], one["reason"], result)
        table.add_row(*map(escape, told))
    console.out().print()
    console.out().print(table)


def _show(answer: Answer) -> None:
    typer.echo(f"{answer['user_id']} is {answer['status']} since {answer['since']}")
    if links := _links(answer):
        typer.echo(f"linked: {links}")
    for provider, told in answer.get("providers", {}).items():
        typer.echo(f"{provider} {SAID.get(told, told)}")
    for provider, credentials in answer.get("credentials", {}).items():
        typer.echo(f"for the app, from {provider}; this is told once, and kept nowhere:")
        for name, value in credentials.items():
            typer.echo(f"  {name}: {value}")
    if made := answer.get("receipt"):
        receipts.write(made, as_json=False)


def _links(answer: Answer) -> str:
    return ", ".join(f"{provider}={id}" for provider, id in answer.get("links", {}).items())
