"""A backfill, followed to its end: a progress bar for a person, a line now and then for a log."""

import time
from collections.abc import Iterable

from rich.markup import escape

from infra.cli import console
from infra.cli.backfill import Backfill, Tally
from infra.cli.exits import Interrupted

SECONDS_BETWEEN_LINES = 15.0


def follow(backfill: Backfill) -> None:
    try:
        if console.watched():
            _draw(backfill)
        else:
            _write_lines(backfill.follow())
    except KeyboardInterrupt as error:
        raise Interrupted(_left_running(backfill)) from error


def _draw(backfill: Backfill) -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console.err()) as progress:
        title = f"{escape(backfill.provider)} {backfill.days}"
        task = progress.add_task(title, total=len(backfill.days), detail="")
        for tally in backfill.follow():
            progress.update(task, completed=tally.days_done, detail=_detail(tally))


def _write_lines(tallies: Iterable[Tally]) -> None:
    written_at, written = time.monotonic(), ""
    for tally in tallies:
        line = f"{int(tally.days_done)} of {tally.days} days: {_detail(tally)}"
        if line != written and time.monotonic() - written_at >= SECONDS_BETWEEN_LINES:
            console.err().print(line)
            written_at, written = time.monotonic(), line


def _detail(tally: Tally) -> str:
    if not tally.listed:
        return "asking for the list"
    text = f"{tally.listed:,} listed, {tally.stored:,} stored, {tally.loaded:,} loaded"
    return f"{text}, [red]{tally.failed:,} failed[/]" if tally.failed else text


def _left_running(backfill: Backfill) -> str:
    going = [chunk for chunk in backfill.chunks if chunk.execution]
    if not going:
        return "stopped before anything was started"
    first, last = backfill.days.first, backfill.days.last
    text = (
        f"stopped looking on; {going[-1].days} goes on in the stack: follow it with"
        f" `telematics status --from {first} --to {last}`"
    )
    waiting = [chunk for chunk in backfill.chunks if not chunk.execution]
    if waiting:
        text += f"; {waiting[0].days.first}..{last} was not started"
    return f"{text}; `{backfill.command}` takes it up again"
