"""`telematics clip`: footage of a dashcam, asked for and looked after."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli import console, footage, looking, target, whose
from infra.cli.desk import Answer, Desk, key_of
from infra.cli.exits import CommandError
from infra.cli.footage import Footage
from infra.cli.options import JsonOption, SandboxOption, examples
from infra.cli.ranges import instant

app = typer.Typer(no_args_is_help=True, help="Footage of dashcams, asked for and looked after.")
CLIP = "clip-5f2c0e8f9a7b6c5d4e3f2a1b"
REQUEST_EXAMPLES = examples(
    'clip request --device 0b1c2d3e --at 2024-03-05T07:12:30Z --reason "claim 4711"',
    "clip request --device 0b1c2d3e --at 2024-03-05T08:12:30+01:00 --reason claim --wait",
)
SHOW_EXAMPLES = examples(f"clip show {CLIP}", f"clip show {CLIP} --json")
LONGEST_SECONDS = 86_400


@app.callback()
def clip() -> None:
    """Footage of dashcams, asked for and looked after."""


@app.command(epilog=REQUEST_EXAMPLES)
def request(
    device: Annotated[str, typer.Option(metavar="ID", help="The dashcam, as its provider has it.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="A moment in it, with its zone: ...T07:12:30Z.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays on record.")],
    camera: Annotated[
        str, typer.Option(metavar="CAMERA", help="One like C_F, or all of them.")
    ] = "ALL",
    duration: Annotated[int, typer.Option(min=1, max=LONGEST_SECONDS, help="Seconds.")] = 30,
    requester: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who: a role or a system.", show_default="your IAM role"),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it has ended.")] = False,
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Ask a dashcam for footage; who asks for the same joins whoever asked before.

    It may take days until a parked car is online again. Interrupt --wait at will.
    """
    whose.with_clips()
    moment = instant("--at", at, now=datetime.now(UTC))
    body: dict[str, object] = {
        "device": device,
        "at": console.iso(moment),
        "camera": camera,
        "duration_s": duration,
        "reason": reason,
    }
    if requester is not None:
        body["requester"] = requester
    desk = Desk(target.find(sandbox))
    answer = desk.call("POST", "v1", "clips", body=body, idempotency_key=key_of(body))
    clip_id = answer.get("clip_id")
    if not isinstance(clip_id, str):
        raise CommandError("the API took the request, but named no clip")
    if wait:
        footage.write(_awaited(desk, clip_id), as_json=as_json)
    else:
        _write(answer, as_json=as_json)


@app.command(epilog=SHOW_EXAMPLES)
def show(
    clip_id: Annotated[str, typer.Argument(metavar="CLIP_ID", help="As `clip request` told it.")],
    as_json: JsonOption = False,
    sandbox: SandboxOption = None,
) -> None:
    """Show how far each camera is, and what is stored with its digest.

    The exit code is 0 once it is stored, 3 while it is not, 1 if it never will be.
    """
    whose.with_clips()
    footage.write(footage.shown(Desk(target.find(sandbox)), clip_id), as_json=as_json)


def _awaited(desk: Desk, clip_id: str) -> Footage:
    return looking.awaited(
        footage.followed(desk, clip_id),
        footage.step,
        title=clip_id,
        unit="cameras",
        again=f"telematics clip show {clip_id}",
    )


def _write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        console.write_json(answer)
        return
    clip_id = answer["clip_id"]
    joined = ": others had asked for it before" if answer.get("joined") else ""
    typer.echo(f"{clip_id} is {answer.get('state')}{joined}")
    console.remark(f"follow it: telematics clip show {clip_id}")
