"""`telematics demo`: from nothing to answers in SQL, on this machine."""

from rich.markup import escape
from rich.rule import Rule

from infra.cli import console, fetch, query, ready, results, status, target
from infra.cli.options import examples
from infra.cli.results import Format
from infra.cli.target import Deployment

EXAMPLES = examples("demo", "sandbox down")
PROVIDER = "sentiance"
DAYS = 3
NEXT = (
    ("telematics status", "what is in the lake, and what is missing"),
    ("telematics query --list", "the questions that are ready"),
    ('telematics query "show tables"', "or ask your own, in SQL as Athena has it"),
    ("telematics fetch sentiance --days 14", "more days; what is there stays"),
    ("telematics lake tables", "what the tables are made of"),
    ("telematics sandbox down", "stop it; what it holds is kept for the next `sandbox up`"),
)


def demo() -> None:
    """Bring the sandbox up, fetch three days of a small insurer, and ask the lake.

    Takes a few minutes the first time. Run it again at will: repeats change nothing.
    """
    from infra.cli import sandbox

    _headline("1. The whole stack, on this machine")
    sandbox.ensure()
    deployment = target.find(sandbox=True)
    _headline(f"2. The last {DAYS} complete days, fetched from the provider and loaded")
    fetch.fetch(PROVIDER, days=DAYS, sandbox=True)
    _headline("3. Every file accounted for")
    status.status(sandbox=True)
    _headline("4. The lake, asked in SQL")
    for one in ready.queries().values():
        _ask(one, deployment)
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
    width = max(len(command) for command, _ in NEXT)
    for command, purpose in NEXT:
        console.out().print(f"  [bold]{escape(command.ljust(width))}[/]  {escape(purpose)}")
