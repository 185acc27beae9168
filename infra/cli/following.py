"""Work in the stack, followed to its end: a bar for a person, a line now and then for a log."""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rich.markup import escape

from infra.cli import console
from infra.cli.exits import Interrupted

SECONDS_BETWEEN_LINES = 15.0


class Step(NamedTuple):
    """How far it is. `total` is 0 while nobody knows it; `detail` may have markup."""

    done: float
    total: float
    detail: str


def follow(
    steps: Iterable[Step], *, title: str, unit: str, left_running: Callable[[], str]
) -> None:
    """Ctrl-C ends only the following; `left_running` says what goes on."""
    try:
        if console.watched():
            _draw(steps, title)
        else:
            _write_lines(steps, unit)
    except KeyboardInterrupt as error:
        raise Interrupted(left_running()) from error


def _draw(steps: Iterable[Step], title: str) -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console.err()) as progress:
        task = progress.add_task(escape(title), total=None, detail="")
        for step in steps:
            total = step.total or None
            progress.update(task, completed=step.done, total=total, detail=step.detail)


def _write_lines(steps: Iterable[Step], unit: str) -> None:
    written_at, written = time.monotonic(), ""
    for step in steps:
        line = f"{int(step.done)} of {int(step.total)} {unit}: {step.detail}"
        if line != written and time.monotonic() - written_at >= SECONDS_BETWEEN_LINES:
            console.err().print(line)
            written_at, written = time.monotonic(), line
