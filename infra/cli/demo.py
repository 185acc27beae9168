"""`telematics demo`: from nothing to answers in SQL, on this machine."""

import shutil
import sys
from pathlib import Path

from rich.markup import escape
from rich.rule import Rule

from infra.cli import console, fetch, query, ready, results, status, target
from infra.cli.exits import BadInput
from infra.cli.options import SandboxOption, examples
from infra.cli.results import Format
from infra.cli.sandbox import ensure
from infra.cli.target import Deployment

EXAMPLES = examples("demo", "sandbox down")
PROVIDER = "sentiance"
DAYS = 3
QUESTIONS = ("trips_per_day", "transport_modes", "riskiest_drivers", "late_trips")
NEXT = (
    ("status", "what is in the lake, and what is missing"),
    ("query --list", "the questions that are ready"),
    ('query "show tables"', "or ask your own, in SQL as Athena has it"),
    ("fetch sentiance --days 14", "more days; what is there stays"),
    ("lake tables", "what the tables are made of"),
    ("sandbox down", "stop it; what it holds is kept for the next `sandbox up`"),
)


def demo(sandbox: SandboxOption = None) -> None:
    """Bring the sandbox up, fetch three days of a small insurer, and ask the lake.

    Takes a few minutes the first time. Run it again at will: repeats change nothing.
    """
    if sandbox is False:
        raise BadInput("the demo runs in the sandbox only: leave --aws out")
    _headline("1. The whole stack, on this machine")
    ensure()
    deployment = target.find(sandbox=True)
    _headline(f"2. The last {DAYS} complete days, fetched from the provider and loaded")
    fetch.fetch(PROVIDER, days=DAYS, sandbox=True)
    _headline("3. Every file accounted for")
    status.status(sandbox=True)
    _headline("4. The lake, asked in SQL")
    for name in QUESTIONS:
        _ask(ready.named(name), deployment)
    _headline("What next")
    _suggest()


def _ask(question: ready.ReadyQuery, deployment: Deployment) -> None:
    out = console.out()
    out.print(f"[bold]{escape(question.description)}[/]")
    out.print(f"[dim]telematics query {question.name}[/]")
    results.write(query.ask(question.sql, {}, deployment), Format.TABLE)
    out.print()


def _headline(text: str) -> None:
    out = console.out()
    out.print()
    if out.is_terminal:
        out.print(Rule(f"[bold]{escape(text)}[/]", align="left"))
    else:
        out.print(text)


def _suggest() -> None:
    commands = [f"{_program()} {arguments}" for arguments, _ in NEXT]
    width = max(map(len, commands))
    for command, (_, purpose) in zip(commands, NEXT, strict=True):
        console.out().print(f"  [bold]{escape(command.ljust(width))}[/]  {escape(purpose)}")


def _program() -> str:
    """As one can type it here: the environment need not be activated."""
    if shutil.which("telematics"):
        return "telematics"
    here = Path(sys.argv[0])
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here)
