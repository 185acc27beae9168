"""`telematics collision`: all that is known of somebody around a crash, asked for and followed."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from infra.cli import console, dossier, evidence, looking, target, whose
from infra.cli.desk import Answer, Desk, key_of
from infra.cli.evidence import Evidence
from infra.cli.exits import CommandError
from infra.cli.options import JsonOption, SandboxOption, examples

app = typer.Typer(no_args_is_help=True, help="Details of collisions, asked for and followed.")
app.command("report", epilog=dossier.EXAMPLES)(dossier.report)
COLLISION = "collision-5f2c0e8f9a7b6c5d4e3f2a1b"
REQUEST_EXAMPLES = examples(
    'collision request --user user-1 --date 2024-03-05 --claim "claim 4711" --wait',
    "collision request --user user-1 --date 2024-03-05 --at 2024-03-05T08:12:30+01:00"
    " --lat 52.52 --lon 13.405 --claim 4711",
)
SHOW_EXAMPLES = examples(f"collision show {COLLISION}", f"collision show {COLLISION} --json")


@app.callback()
def collision() -> None:
    """Details of collisions, asked for and followed."""


@app.command(epilog=REQUEST_EXAMPLES)
def request(
    user: Annotated[str, typer.Option(metavar="ID", help="Whom it is about, as we call them.")],
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day of it, UTC.")],
    claim: Annotated[str, typer.Option(metavar="TEXT", help="For which claim; it is kept.")],
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="The moment, with its zone: ...T07:12:30Z.")
    ] = None,
    lat: Annotated[float | None, typer.Option(metavar="DEGREES", help="Where: latitude.")] = None,
    lon: Annotated[float | None, typer.Option(metavar="DEGREES", help="And longitude.")] = None,
    requester: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who: a role or a system.", show_default="your IAM role"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask once more where no answer came.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it has ended.")] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask for all that is known of somebody around a day; the same claim asks only once.

    The answer comes within minutes, if it comes. Interrupt --wait at will.
    """
    given = {
        "user_id": user,
        "date": date,
        "claim": claim,
        "at": at,
        "latitude": lat,
        "longitude": lon,
        "requester": requester,
    }
    body = {name: one for name, one in given.items() if one is not None}
    _check(body)
    desk = Desk(target.find(sandbox))
    key = "" if again else key_of(body)
    answer = desk.call("POST", "v1", "collisions", body=body, idempotency_key=key)
    collision_id = answer.get("collision_id")
    if not isinstance(collision_id, str):
        raise CommandError("the API took the request, but named no collision")
    if wait:
        evidence.write(_awaited(desk, collision_id), as_json=as_json)
    else:
        _write(answer, as_json=as_json)


@app.command(epilog=SHOW_EXAMPLES)
def show(
    collision_id: Annotated[
        str, typer.Argument(metavar="COLLISION_ID", help="As `collision request` told it.")
    ],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Show whether an answer came, and where it is kept with which digest.

    The exit code is 0 once it is there, 3 while it is awaited, 1 if it never will be.
    """
    whose.with_collisions()
    evidence.write(evidence.shown(Desk(target.find(sandbox)), collision_id), as_json=as_json)


def _check(body: dict[str, Any]) -> None:  # Any: JSON
    """By the API's own rules, before anything is sent. Raises InvalidRequest."""
    from telematics.collisions.wishes import wish

    provider = whose.with_collisions().name
    wish({"requester": "api", **body}, provider=provider, now=datetime.now(UTC))


def _awaited(desk: Desk, collision_id: str) -> Evidence:
    return looking.awaited(
        evidence.followed(desk, collision_id),
        evidence.step,
        title=collision_id,
        unit="answers",
        again=f"telematics collision show {collision_id}",
    )


def _write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        console.write_json(answer)
        return
    collision_id = answer["collision_id"]
    joined = ": others had asked for it before" if answer.get("joined") else ""
    typer.echo(f"{collision_id} is {answer.get('state')}{joined}")
    console.remark(f"follow it: telematics collision show {collision_id}")
