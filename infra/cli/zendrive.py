"""`telematics zendrive`: what only Zendrive lets us do."""

from typing import Annotated

import typer

from infra.cli import console, target
from infra.cli.desk import Desk
from infra.cli.options import JsonOption, SandboxOption, examples

app = typer.Typer(no_args_is_help=True, help="What only Zendrive lets us do.")
PROVIDER = "zendrive"
COLLISION_EXAMPLES = examples(
    "zendrive collision driver-0001 1700936581325",
    "zendrive collision 2b1d34662883ca176ddc2612 1700936581325 --json",
)
TRIP_EXAMPLES = examples(
    "zendrive trip driver-0001 1700931431685",
    "zendrive trip 2b1d34662883ca176ddc2612 1700931431685 --json",
)
Who = Annotated[
    str,
    typer.Argument(metavar="DRIVER_OR_USER", help="A user of yours, or a driver's id at Zendrive."),
]


@app.callback()
def zendrive() -> None:
    """What only Zendrive lets us do."""


@app.command(epilog=COLLISION_EXAMPLES)
def collision(
    who: Who,
    collision_id: Annotated[
        str, typer.Argument(metavar="COLLISION_ID", help="As notifications and the lake have it.")
    ],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Read one collision from Zendrive into the lake.

    With the trip it happened on, its events and the motion around the impact.
    """
    _look_up("collision", who, collision_id, as_json=as_json, sandbox=sandbox)


@app.command(epilog=TRIP_EXAMPLES)
def trip(
    who: Who,
    trip_id: Annotated[
        str, typer.Argument(metavar="TRIP_ID", help="As notifications and the lake have it.")
    ],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Read one trip from Zendrive into the lake, with its score, ratings and events."""
    _look_up("trip", who, trip_id, as_json=as_json, sandbox=sandbox)


def _look_up(kind: str, who: str, id: str, *, as_json: bool, sandbox: bool | None) -> None:
    desk = Desk(target.find(sandbox))
    asked = {"kind": kind, "user_id": who, "id": id}
    answer = desk.call("POST", "v1", "lookups", PROVIDER, body=asked)
    if as_json:
        console.write_json(answer)
    else:
        typer.echo(f"the {kind} is in raw, {answer.get('bytes', 0):,} bytes: soon in the lake")
        typer.echo(f"{answer.get('raw_key')}")
