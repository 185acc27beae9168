"""From nothing to a sandbox in which everything answers."""

from dataclasses import replace
from datetime import UTC, datetime

from telematics.catalog import PROVIDERS
from tests.sandbox import assembly, emulator, environment, loopback, options, simulation, state
from tests.sandbox.aws import Aws
from tests.sandbox.deployment import Deployment
from tests.sandbox.errors import PortTaken
from tests.sandbox.options import PORT, Options
from tests.sandbox.places import Places
from tests.sandbox.processes import Daemon
from tests.sandbox.progress import Progress
from tests.sandbox.simulation import Simulator
from tests.sandbox.state import Running


class Startup:
    """`running` always says what has been started so far, in the file as well."""

    def __init__(self, places: Places, asked: Options, progress: Progress) -> None:
        self.places = places
        self.progress = progress
        self.options = options.combined(asked, places)
        self.elsewhere = simulation.named()
        self.port = _usable(self.options.port)
        self.running = Running(f"http://127.0.0.1:{self.port}", datetime.now(UTC))
        self.aws = Aws(self.running.endpoint)
        self.simulators: list[Simulator] = []

    def run(self) -> Running:
        python = environment.python(self.progress)
        options.remember(self.places, replace(self.options, port=self.port))
        self.progress.step("Starting the emulator")
        daemon = emulator.start(self.places, python=python, port=self.port)
        self._note(daemon)
        emulator.wait_until_ready(daemon, self.running.endpoint)
        self._start_simulators()
        made = assembly.synthesize(self.places.assembly, self.progress)
        self.progress.step("Deploying the stack")
        Deployment(self.aws, made, self.progress).run(self._parameters())
        self._hand_over_keys()
        loopback.get_json(f"{self.running.endpoint}/_sandbox/save")
        self.running = replace(self.running, ready=True)
        state.write(self.places, self.running)
        return self.running

    def _start_simulators(self) -> None:
        port = self.port
        for name, provider in PROVIDERS.items():
            if name in self.elsewhere:
                continue
            self.progress.step(f"Starting the simulator of {provider.title}")
            port = simulation.free_port(after=port)
            simulator = simulation.start(
                provider, places=self.places, port=port, options=self.options.of_simulators
            )
            self.simulators.append(simulator)
            self._note(simulator.daemon)
            simulation.wait_until_ready(simulator)

    def _note(self, daemon: Daemon) -> None:
        self.running = replace(
            self.running,
            processes={**self.running.processes, daemon.name: daemon},
            simulators={one.provider.name: one.url for one in self.simulators},
        )
        state.write(self.places, self.running)

    def _parameters(self) -> dict[str, str]:
        urls = {**self.elsewhere, **self.running.simulators}
        return {
            **{f"{PROVIDERS[name].id}BaseUrl": url for name, url in urls.items()},
            **{
                f"{one.provider.id}MediaInsecure": one.url.removeprefix("http://")
                for one in self.simulators
                if one.provider.syncs or one.provider.clips
            },
        }

    def _hand_over_keys(self) -> None:
        stack = self.aws.cloudformation.describe_stacks(StackName=assembly.STACK)["Stacks"][0]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        for simulator in self.simulators:
            secret = outputs[f"{simulator.provider.id}Secret"]
            simulation.hand_over_keys(self.aws, simulator, secret)


def _usable(port: int | None) -> int:
    if not port:
        return simulation.any_port()
    if not simulation.is_free(port):
        raise PortTaken(
            f"port {port} is taken by another program: choose another with"
            f" `telematics sandbox up --port N` or {PORT}"
        )
    return port
