"""Answers go to standard output, everything else to standard error; plain unless a person reads."""

import json
import sys
from datetime import UTC, datetime

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

PIPE_WIDTH = 4_000  # nothing is cut or wrapped on its way into a file


def out() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def err() -> Console:
    return Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH, highlight=False)


def watched() -> bool:
    """Whether a person follows what we do, and not a script."""
    return sys.stderr.isatty()


def remark(text: str) -> None:
    """Something about the work, not part of the answer."""
    err().print(escape(text), soft_wrap=True)


def complain(text: str) -> None:
    err().print(f"[bold red]telematics:[/] {escape(text)}", soft_wrap=True)


def write_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(*columns: str, title: str = "") -> Table:
    """`name` is a column of words, `name>` one of numbers."""
    terminal = sys.stdout.isatty()
    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        header_style="bold",
    )
    for column in columns:
        name = column.removesuffix(">")
        made.add_column(
            escape(name), justify="right" if column != name else "left", overflow="fold"
        )
    return made


def iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ago(instant: datetime, now: datetime) -> str:
    """How long ago, in the unit that a person would use."""
    seconds = max(0.0, (now - instant).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def size(byte_count: int) -> str:
    amount = float(byte_count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1_000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1_000
    return f"{amount:.1f} TB"
