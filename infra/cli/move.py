"""`telematics move`: what only Dolphin MOVE lets us do."""

from typing import Annotated

import typer

from infra.cli import console, target
from infra.cli.desk import Desk
from infra.cli.options import JsonOption, SandboxOption, examples

app = typer.Typer(no_args_is_help=True, help="What only Dolphin MOVE lets us do.")
PROVIDER = "move"
LABEL_EXAMPLES = examples(
    "move label 20230604T101300.000Z-1000-123456789 CAR",
    "move label 20230604T101300.000Z-1000-123456789 FAKETRIP --json",
)


@app.callback()
def move() -> None:
    """What only Dolphin MOVE lets us do."""


@app.command(epilog=LABEL_EXAMPLES)
def label(
    trip_id: Annotated[
        str, typer.Argument(metavar="TRIP_ID", help="The lake's trip_id, as queries show it.")
    ],
    is_really: Annotated[
        str, typer.Argument(metavar="LABEL", help="What it really was, like CAR.")
    ],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Tell MOVE what a trip really was; its answer goes into the lake."""
    desk = Desk(target.find(sandbox))
    answer = desk.call(
        "PATCH", "v1", "trips", PROVIDER, trip_id, "label", body={"label": is_really}
    )
    if as_json:
        console.write_json(answer)
    else:
        typer.echo(f"{answer.get('trip_id')} is labelled {answer.get('label')}")
        typer.echo(f"{PROVIDER.upper()} has it as {answer.get('type') or 'unknown'} now")
