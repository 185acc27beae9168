"""`telematics sync`: a provider's events and their files, asked for now and not on the hour."""

from datetime import UTC, datetime
from typing import Annotated, TypedDict

import typer

from infra.cli import console, keys, target, whose
from infra.cli.exits import CommandError, Incomplete
from infra.cli.following import Step, follow
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.ranges import days_until_now
from infra.cli.synchronization import Found, Progress, Synchronization

EXAMPLES = examples(
    "sync dashcam",
    "sync dashcam --from 2023-06-01 --to 2023-06-07",
    "sync dashcam --from 2023-06-06 --json",
)


class Answer(TypedDict):
    """What `--json` prints. `settled`: nothing was left in the queues."""

    provider: str
    days: dict[str, str]
    listed: int
    new: int
    open: int
    stored_files: int
    failed_files: int
    complete: bool
    settled: bool
    execution: str


def sync(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Whose events: dashcam.")],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="YYYY-MM-DD", help="First day.", show_default="the last sync"
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.", show_default="today"),
    ] = None,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask a provider what happened, and fetch videos, snapshots and tracks of it.

    It runs on schedule anyway. Without days it asks for what is new and for what was left open.

    Of the days that are named, files that failed before are tried again.
    """
    of = whose.with_events(provider)
    days = days_until_now(from_, to, today=datetime.now(UTC).date())
    deployment = target.find(sandbox)
    keys.require_configured(deployment, of)
    work = Synchronization(deployment, of, days)
    follow(
        map(_step, work.follow()),
        title=f"{of.name} events",
        unit="runs",
        left_running=work.left_running,
    )
    if work.found is None:  # it is there once it has been followed
        raise CommandError("the sync machine did not say what it has done")
    answer = _answer(work, work.found)
    if as_json:
        console.write_json(answer)
    else:
        _show(answer)
    _end(answer)


def _step(progress: Progress) -> Step:
    if progress.found is None:
        return Step(0, 1, "asking what happened")
    listed, new = (_count(progress.found, name) for name in ("listed", "new"))
    loading = progress.asking + progress.loading
    return Step(1, 1, f"{listed:,} events listed, {new:,} new; {loading:,} to load")


def _answer(work: Synchronization, found: Found) -> Answer:
    return {
        "provider": work.provider.name,
        "days": dict(work.days),
        "listed": _count(found, "listed"),
        "new": _count(found, "new"),
        "open": _count(found, "open"),
        "stored_files": _count(found, "stored_files"),
        "failed_files": _count(found, "failed_files"),
        "complete": not found.get("more") and not _count(found, "failed_files"),
        "settled": work.is_settled,
        "execution": work.execution,
    }


def _count(found: Found, name: str) -> int:
    value = found.get(name)
    return value if isinstance(value, int) else 0


def _show(answer: Answer) -> None:
    first, last = answer["days"].get("from"), answer["days"].get("to")
    days = f" {first or last}..{last or 'now'}" if answer["days"] else ""
    typer.echo(f"{answer['provider']}{days}:")
    typer.echo(f"  {answer['listed']:,} events listed, {answer['new']:,} of them new")
    typer.echo(f"  {answer['stored_files']:,} files stored")
    if answer["failed_files"]:
        typer.echo(f"  {answer['failed_files']:,} files could not be stored")
    if answer["open"]:
        typer.echo(f"  {answer['open']:,} events with files to come: they are asked about again")


def _end(answer: Answer) -> None:
    if not answer["settled"]:
        console.remark("there is still work in the queues: telematics status shows how much")
    if answer["failed_files"]:
        raise Incomplete(
            f"{answer['failed_files']:,} files could not be stored: `telematics status` says why,"
            " and the same command tries again"
        )
    if not answer["complete"]:
        raise Incomplete("time was up before everything was asked for: run this again to go on")
