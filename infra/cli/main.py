"""`telematics`: the operators' command line, put together."""

import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Annotated

import typer

from infra.cli import (
    clip,
    collision,
    configure,
    console,
    cost,
    dashcam,
    demo,
    exits,
    fetch,
    lake,
    move,
    query,
    reconcile,
    redrive,
    replay,
    sandbox,
    status,
    sync,
    user,
    webhook,
    zendrive,
)
from infra.cli.exits import BadInput, CommandError
from infra.cli.options import JsonOption, SandboxOption, examples, section

app = typer.Typer(
    name="telematics",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=examples(
        "demo",
        "sandbox up",
        "fetch sentiance --from 2023-06-01 --to 2023-06-07",
        "configure move --file secret.json",
        "reconcile move",
        "sync dashcam",
        "status --json",
        "query trips_per_day",
    )
    + "\n\n"
    + section("Exit codes", *exits.CODES.splitlines()),
)
app.command("demo", epilog=demo.EXAMPLES)(demo.demo)
app.add_typer(sandbox.app, name="sandbox")
app.command("configure", epilog=configure.EXAMPLES)(configure.configure)
app.command("fetch", epilog=fetch.EXAMPLES)(fetch.fetch)
app.command("reconcile", epilog=reconcile.EXAMPLES)(reconcile.reconcile)
app.command("sync", epilog=sync.EXAMPLES)(sync.sync)
app.command("replay", epilog=replay.EXAMPLES)(replay.replay)
app.command("redrive", epilog=redrive.EXAMPLES)(redrive.redrive)
app.command("status", epilog=status.EXAMPLES)(status.status)
app.command("query", epilog=query.EXAMPLES)(query.query)
app.command("cost", epilog=cost.EXAMPLES)(cost.cost)
app.add_typer(webhook.app, name="webhook")
app.add_typer(user.app, name="user")
app.add_typer(clip.app, name="clip")
app.add_typer(collision.app, name="collision")
app.add_typer(move.app, name="move")
app.add_typer(dashcam.app, name="dashcam")
app.add_typer(zendrive.app, name="zendrive")
app.add_typer(lake.app, name="lake")

# What libraries raise when the world is not as it should be, and the code to end with.
_FORESEEN = (
    ("telematics.errors", "TelematicsError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"telematics {version('telematics-lake')}")
        raise typer.Exit


@app.callback()
def telematics(
    sandbox: SandboxOption = None,
    as_json: JsonOption = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Your own telematics lake: bring it up, fill it, look after it and ask it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point; returns the exit code."""
    sys.excepthook = _unforeseen
    try:
        return int(app(arguments, prog_name="telematics", standalone_mode=False) or 0)
    except CommandError as error:
        return _ended(error, error.code)
    except typer.Abort as error:
        return _ended(CommandError("stopped: the answer is missing"), BadInput.code, error)
    except typer.TyperException as error:
        return _ended(CommandError(_usage(error)), error.exit_code, error)
    except _foreseen() as error:
        return _ended(error, _code(error))


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command line, and where its help is."""
    message = error.format_message().strip()
    context: typer.Context | None = getattr(error, "ctx", None)
    if not (message and context):
        return message
    return f"{message.rstrip('.')}; see {context.command_path} --help"


def _foreseen() -> tuple[type[Exception], ...]:
    """Only of libraries in use: this is asked once something has been raised."""
    return tuple(
        getattr(sys.modules[module], name) for module, name in _FORESEEN if module in sys.modules
    )


def _code(error: Exception) -> int:
    return BadInput.code if type(error).__name__ == "InvalidRequest" else CommandError.code


def _ended(error: Exception, code: int, cause: Exception | None = None) -> int:
    if _debugging():
        traceback.print_exception(cause or error)
    if message := str(error):
        console.complain(message)
    return code


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if _debugging():
        sys.__excepthook__(kind, error, trace)
    else:
        console.complain(f"unexpected {kind.__name__}: {error} (TELEMATICS_DEBUG=1 shows where)")


def _debugging() -> bool:
    return bool(os.environ.get("TELEMATICS_DEBUG"))
