"""`telematics dashcam`: what only dashcams let us do."""

from typing import Annotated

import typer

from infra.cli import console, target
from infra.cli.desk import Desk
from infra.cli.options import JsonOption, SandboxOption, YesOption, examples

app = typer.Typer(no_args_is_help=True, help="What only dashcams let us do.")
PROVIDER = "dashcam"
EVENT = "3f0c9a52-1b7d-4c38-9a60-5d2e7b8f1c04"
DISCARD_EXAMPLES = examples(
    f'dashcam discard {EVENT} --reason "private land, claim 4711"',
    f'dashcam discard {EVENT} --reason "private land" --yes --json',
)


@app.callback()
def dashcam() -> None:
    """What only dashcams let us do."""


@app.command(epilog=DISCARD_EXAMPLES)
def discard(
    event: Annotated[
        str, typer.Argument(metavar="UUID", help="The event, as dashcam_events has it.")
    ],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; it stays on record, as does your role.")
    ],
    yes: YesOption = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Have the provider discard an event, which nobody can undo.

    It is gone at the provider with its videos, and the driver's score gets better. What is in the
    lake and in the media bucket stays there.
    """
    desk = Desk(target.find(sandbox))
    if not yes:
        typer.echo(f"{event} is discarded for good: nobody can bring it back.", err=True)
        typer.confirm("Discard it?", abort=True, err=True)
    answer = desk.call("POST", "v1", PROVIDER, "events", event, "discard", body={"reason": reason})
    if as_json:
        console.write_json(answer)
    elif answer.get("again"):
        typer.echo(f"{event} had been discarded before")
    else:
        typer.echo(f"{event} is discarded")
