"""Options that many commands share; those of the program may stand before or after the command."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

import typer
from rich.markup import escape


@dataclass
class Choices:
    """What was said before the command's name."""

    sandbox: bool | None = None
    as_json: bool = False


def _sandbox(context: typer.Context, value: bool | None) -> bool | None:
    choices = context.ensure_object(Choices)
    if value is not None:
        choices.sandbox = value
    return choices.sandbox


def _as_json(context: typer.Context, value: bool) -> bool:
    choices = context.ensure_object(Choices)
    choices.as_json = choices.as_json or value
    return choices.as_json


SandboxOption: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--sandbox/--aws",
        callback=_sandbox,
        show_default=False,
        help="Which stack: this checkout's sandbox, or the AWS account of your credentials."
        " By default the sandbox while it runs, else AWS.",
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", callback=_as_json, help="Answer in JSON, for scripts.")
]
FromOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First offload day.")
]
ToOption: TypeAlias = Annotated[
    str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last offload day.")
]
YesOption: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Do not ask whether it is meant.")
]


def examples(*commands: str) -> str:
    """The end of a command's help: commands that work as written."""
    return section("Examples", *(f"telematics {one}" for one in commands))


def section(title: str, *lines: str) -> str:
    """\\b keeps the indentation, which would go if every line but the first had it."""
    return "\n".join(["\b", f"[bold]{title}[/bold]", *(f"  {escape(line)}" for line in lines)])
