"""`telematics redrive`: dead letters back to where they came from, once the cause is mended."""

from datetime import UTC, datetime
from typing import Annotated, NotRequired, TypedDict

import typer
from rich.markup import escape

from infra.cli import console, target
from infra.cli.exits import BadInput, Incomplete
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.redriving.letters import Letters, Look, look, queues
from infra.cli.redriving.moving import moved

EXAMPLES = examples(
    "redrive --dry-run",
    "redrive convert merge",
    "redrive functions --max 10 --json",
)


class Redriven(TypedDict):
    """Of one queue. `moved` and `kept` are there unless it was only looked at; `kept` tells what to
    do with those that could not go back."""

    dead: int
    oldest: str | None
    reasons: dict[str, int]
    moved: NotRequired[int]
    kept: NotRequired[dict[str, int]]


def redrive(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUEUE]...",
            show_default="all that have any",
            help="As `telematics status` names them: convert, merge, functions ...",
        ),
    ] = None,
    most: Annotated[
        int | None, typer.Option("--max", min=1, metavar="N", help="Of each queue at most so many.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is there and why, and change nothing.")
    ] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Put dead letters back where they came from; nothing is lost or done twice by it.

    What a function or a schedule left behind has no queue to go back to: that function is called
    again with the same event, that machine is started again. What a letter holds is not shown.
    """
    known = queues(target.find(sandbox))
    unknown = sorted(set(names or ()) - known.keys())
    if unknown:
        raise BadInput(f"there are no dead letters of {unknown[0]!r}: {', '.join(known)} have some")
    chosen = {name: known[name] for name in names or known}
    answer = {name: _looked(look(one)) for name, one in chosen.items()}
    if not dry_run:
        for name, letters in chosen.items():
            if answer[name]["dead"]:
                _move(letters, most, answer[name])
    if as_json:
        console.write_json({"queues": answer})
    else:
        _show(answer, now=datetime.now(UTC))
    kept = sum(sum(one.get("kept", {}).values()) for one in answer.values())
    if kept:
        raise Incomplete(f"{kept:,} dead letters could not go back, and are where they were")


def _looked(found: Look) -> Redriven:
    return {
        "dead": found.dead,
        "oldest": console.iso(found.oldest) if found.oldest else None,
        "reasons": dict(found.reasons.most_common()),
    }


def _move(letters: Letters, most: int | None, answer: Redriven) -> None:
    done = moved(letters, most=most)
    answer["moved"], answer["kept"] = done.count, dict(done.kept.most_common())


def _show(answer: dict[str, Redriven], *, now: datetime) -> None:
    table = console.table("queue", "dead letters>", "oldest", "because", "moved>")
    for name, one in answer.items():
        if not one["dead"]:
            continue
        oldest = console.ago(datetime.fromisoformat(one["oldest"]), now) if one["oldest"] else ""
        because = "; ".join(f"{reason} ({count:,})" for reason, count in one["reasons"].items())
        done = f"{one['moved']:,}" if "moved" in one else ""
        table.add_row(name, f"{one['dead']:,}", oldest, escape(because), done)
    if not table.row_count:
        typer.echo("there are no dead letters")
        return
    console.out().print(table)
    for name, one in answer.items():
        for why, count in one.get("kept", {}).items():
            typer.echo(f"{name}: {count:,} kept; {why}")
