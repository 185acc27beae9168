"""A sandbox as its users see it: the command line, the demo, the integration tests."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from tests.sandbox import emulator, idle, simulation, state
from tests.sandbox.assembly import STACK
from tests.sandbox.aws import Aws
from tests.sandbox.errors import AlreadyUp, NotUp
from tests.sandbox.options import Options
from tests.sandbox.places import Places
from tests.sandbox.progress import Progress, Silent
from tests.sandbox.startup import Startup
from tests.sandbox.state import Running

ANY_PORT = Options(port=0)


@dataclass(frozen=True)
class Sandbox:
    """One that is up."""

    places: Places
    running: Running

    @classmethod
    def current(cls, places: Places | None = None) -> "Sandbox | None":
        places = places or Places.of_this_checkout()
        running = state.running(places)
        return cls(places, running) if running else None

    @classmethod
    def start(
        cls, folder: Path, options: Options = ANY_PORT, progress: Progress | None = None
    ) -> "Sandbox":
        """Beside any other: with a folder, and by default ports, of its own."""
        places = Places(folder.absolute())
        return cls(places, up(places, options, progress or Silent()))

    def stop(self) -> None:
        down(self.places, Silent())

    @property
    def endpoint(self) -> str:
        return self.running.endpoint

    @property
    def region(self) -> str:
        return self.running.region

    @property
    def simulators(self) -> dict[str, str]:
        return dict(self.running.simulators)

    @cached_property
    def aws(self) -> Aws:
        return Aws(self.endpoint, self.region)

    def environment(self) -> dict[str, str]:
        """What lets a program, the command line too, find this sandbox and no AWS account."""
        return {
            **emulator.credentials(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "TELEMATICS_SANDBOX_DIR": str(self.places.folder),
        }

    def outputs(self) -> dict[str, str]:
        stack = self.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}

    def wait_until_idle(self, timeout_seconds: float = 300) -> None:
        idle.wait(partial(idle.work, self.aws), timeout_seconds)


def up(places: Places, options: Options, progress: Progress) -> Running:
    """Start, deploy, and return when everything answers; on failure nothing is left running."""
    refuse_second(places)
    with places.locked():
        refuse_second(places)
        if leftover := state.read(places):
            progress.step("Tidying up after a start that was interrupted, or a crash")
            _stop(places, leftover, progress)
        startup = Startup(places, options, progress)
        with ExitStack() as undo:
            undo.callback(lambda: _stop(places, startup.running, progress))
            running = startup.run()
            undo.pop_all()
            return running


def refuse_second(places: Places) -> None:
    if running := state.running(places):
        raise AlreadyUp(
            f"the sandbox is already up at {running.endpoint}, since {_local(running.since)}"
            f" (data in {places.shown}); `telematics sandbox down` stops it"
        )


def down(places: Places, progress: Progress) -> None:
    """Stop it; its data is kept."""
    if not places.used:
        raise NotUp("there is no sandbox here: `telematics sandbox up` makes one")
    with places.locked():
        running = state.read(places)
        if running is None:
            raise NotUp(f"the sandbox is not running; its data is kept in {places.shown}")
        if running.alive:
            progress.step("Letting running functions finish")
            emulator.finish_calls(running.processes[emulator.NAME], running.endpoint)
        _stop(places, running, progress)


def delete(places: Places, progress: Progress) -> None:
    """Stop it and remove its data. Only what a sandbox writes: the folder was somebody's choice."""
    if not places.used:
        raise NotUp("there is no sandbox here, and no data of one")
    with places.locked():
        if running := state.read(places):
            _stop(places, running, progress)
        progress.step(f"Removing the sandbox's data in {places.shown}")
        for folder in places.data:
            shutil.rmtree(folder, ignore_errors=True)
        places.options.unlink(missing_ok=True)


def _stop(places: Places, running: Running, progress: Progress) -> None:
    """The emulator first: its functions talk to the simulators."""
    processes = dict(running.processes)
    if daemon := processes.pop(emulator.NAME, None):
        if daemon.alive:
            progress.step("Stopping the emulator, saving its data")
        if not emulator.stop(daemon):
            progress.detail("it had to be killed: what was not saved is lost")
    for daemon in processes.values():
        if daemon.alive:
            progress.step(f"Stopping the simulator of {daemon.name}")
        simulation.stop(daemon)
    state.forget(places)


def _local(instant: datetime) -> str:
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone().strftime("%Y-%m-%d %H:%M")
