"""`telematics sandbox`: the whole stack on this machine, without an AWS account."""

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from infra.cli import console
from infra.cli.exits import CommandError, Interrupted, TargetMissing
from infra.cli.options import JsonOption, examples
from infra.cli.steps import Steps

if TYPE_CHECKING:
    from tests.sandbox.options import Options
    from tests.sandbox.places import Places
    from tests.sandbox.state import Running

app = typer.Typer(no_args_is_help=True, help="The whole stack on this machine.")
LOOK_EVERY_SECONDS = 0.2
UP = "up"  # the name of an `up` that goes on without us
BEGINNING_SECONDS = 5  # what it may take until that one can be seen


@app.callback()
def sandbox() -> None:
    """The whole stack on this machine: an emulator of AWS, and simulators of the providers."""


@app.command(epilog=examples("sandbox up", "sandbox up --port 5566 --users 200 --seed 7"))
def up(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Of the emulator; simulators take the next free."),
    ] = None,
    users: Annotated[
        int | None, typer.Option(min=1, help="How many users the simulators have.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="What the simulators make their data from.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Return when everything answers, or at once.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Start it, deploy the stack into it, and return when everything answers.

    What it holds, and these options, are kept from one `up` to the next.

    A provider is simulated unless SENTIANCE_BASE_URL, MOVE_BASE_URL or DASHCAM_BASE_URL says
    where it answers.
    """
    from tests.sandbox.options import Options

    options = Options(port=port, seed=seed, users=users)
    if not wait:
        _start_behind(options)
        return
    running = _brought_up(options)
    if as_json:
        console.write_json(_facts(running))
        return
    console.out().print(f"The sandbox is up at {running.endpoint}")
    for name, url in running.simulators.items():
        console.out().print(f"The simulator of {escape(name)} is at {url}")


@app.command(epilog=examples("sandbox down", "sandbox down --delete-state"))
def down(
    delete_state: Annotated[
        bool, typer.Option("--delete-state", help="Remove all its data as well, for good.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop it. Its data is kept for the next `up`, unless you say otherwise."""
    from tests.sandbox import sandbox as box

    places = _places()
    with _explained(), Steps() as steps:
        (box.delete if delete_state else box.down)(places, steps)
    if as_json:
        console.write_json({"up": False, "data": not delete_state})
    elif not delete_state:
        console.remark(f"Stopped. Its data is kept in {places.shown}")


@app.command(epilog=examples("sandbox reset"))
def reset(as_json: JsonOption = False) -> None:
    """Stop it and remove all its data, for good: the next `up` begins from nothing."""
    down(delete_state=True, as_json=as_json)


@app.command(epilog=examples("sandbox status", "sandbox status --json"))
def status(as_json: JsonOption = False) -> None:
    """Show what runs, where, and since when."""
    from tests.sandbox.processes import last_words

    running = _present(as_json=as_json)
    if as_json:
        console.write_json(_facts(running))
    else:
        _show(running)
    if not running.alive:
        words = last_words(running.processes["emulator"].log)
        raise CommandError(f"the emulator has ended, `telematics sandbox up` starts it: {words}")


def _show(running: "Running") -> None:
    state = "up" if running.ready and running.alive else "starting" if running.alive else "broken"
    since = console.ago(running.since, datetime.now(UTC))
    console.out().print(f"The sandbox is {state} at {running.endpoint}, started {since}")
    table = console.table("program", "address", "pid>", "state", "log")
    for name, daemon in running.processes.items():
        address = running.simulators.get(name, running.endpoint)
        how = "running" if daemon.alive else "ended"
        table.add_row(name, address, str(daemon.pid), how, escape(str(daemon.log)))
    console.out().print(table)


@app.command(epilog=examples("sandbox wait", "sandbox wait --idle --timeout 900"))
def wait(
    idle: Annotated[
        bool,
        typer.Option("--idle", help="Until no queue, execution or function has work left."),
    ] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds.")] = 600.0,
) -> None:
    """Wait until it is up, or until it has nothing left to do."""
    from tests.sandbox import idle as idleness
    from tests.sandbox.aws import Aws

    deadline = time.monotonic() + timeout
    with _explained(), Steps() as steps:
        steps.step("Waiting until the sandbox is up")
        running = _ready_before(deadline)
        if idle:
            steps.step("Waiting until it is idle")
            left = max(0.0, deadline - time.monotonic())
            aws = Aws(running.endpoint, running.region)
            idleness.wait(partial(idleness.work, aws), left, tell=steps.detail)


@app.command(epilog=examples("sandbox env"))
def env() -> None:
    """Print, for a shell's eval, what the AWS and CDK commands need to find it."""
    from tests.sandbox.sandbox import Sandbox

    current = Sandbox.current()
    if current is None:
        raise TargetMissing("the sandbox is not running: `telematics sandbox up` starts it")
    for name, value in current.environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def ensure() -> "Running":
    """The sandbox, brought up unless it is."""
    from tests.sandbox import state
    from tests.sandbox.options import Options

    return state.running() or _brought_up(Options())


def _brought_up(options: "Options") -> "Running":
    from tests.sandbox import sandbox as box

    try:
        with _explained(), Steps() as steps:
            return box.up(_places(), options, steps)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; what was started has been stopped again") from error


def _start_behind(options: "Options") -> None:
    """The same command once more, in a process that goes on without us."""
    from tests.sandbox import processes
    from tests.sandbox import sandbox as box

    places = _places()
    with _explained():
        box.refuse_second(places)
    chosen = {name: value for name, value in asdict(options).items() if value is not None}
    words = [f"--{name}={value}" for name, value in chosen.items()]
    entry = "import sys; from infra.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", entry, "sandbox", "up", *words]
    processes.start(UP, command, places=places, environment=os.environ, folder=Path.cwd())
    console.remark(f"Starting; `telematics sandbox wait` waits for it (log: {places.log(UP)})")


def _present(*, as_json: bool) -> "Running":
    """What is there, running or starting."""
    from tests.sandbox import state

    places = _places()
    running = state.read(places)
    if running and running.processes:
        return running
    if as_json:
        console.write_json({"up": False, "data": places.used})
    if not places.used:
        raise TargetMissing("there is no sandbox here: `telematics sandbox up` makes one")
    raise TargetMissing(
        f"the sandbox is not running; its data is kept in {places.shown}:"
        " `telematics sandbox up` starts it"
    )


def _ready_before(deadline: float) -> "Running":
    from tests.sandbox import state
    from tests.sandbox.processes import last_words

    places = _places()
    begun = time.monotonic()
    while (running := state.running(places)) is None:
        if not places.busy and time.monotonic() > begun + BEGINNING_SECONDS:
            why = f": {last_words(places.log(UP))}" if places.log(UP).exists() else ""
            raise TargetMissing(f"the sandbox is neither running nor starting{why}")
        if time.monotonic() > deadline:
            raise CommandError("the sandbox is not up yet: `telematics sandbox status` shows more")
        time.sleep(LOOK_EVERY_SECONDS)
    return running


def _facts(running: "Running") -> dict[str, object]:
    return {
        "up": running.ready and running.alive,
        "endpoint": running.endpoint,
        "region": running.region,
        "since": console.iso(running.since),
        "folder": str(_places().folder),
        "simulators": dict(running.simulators),
        "programs": {
            name: {"pid": daemon.pid, "running": daemon.alive, "log": str(daemon.log)}
            for name, daemon in running.processes.items()
        },
    }


def _places() -> "Places":
    from tests.sandbox.places import Places

    return Places.of_this_checkout()


@contextmanager
def _explained() -> Iterator[None]:
    """What the sandbox raises, with the exit code that scripts know."""
    from tests.sandbox.errors import NotUp, SandboxError

    try:
        yield
    except NotUp as error:
        raise TargetMissing(str(error)) from error
    except SandboxError as error:
        raise CommandError(str(error)) from error
