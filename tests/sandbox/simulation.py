"""The providers as the sandbox sees them: a simulator each, or the server that somebody named."""

import importlib
import json
import os
import re
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from telematics.catalog import PROVIDERS, Provider
from tests.sandbox import loopback, processes
from tests.sandbox.aws import Aws
from tests.sandbox.errors import Died, SandboxError
from tests.sandbox.places import ROOT, Places
from tests.sandbox.processes import Daemon

PACKAGE = "tests.sandbox.simulators"
SIMULATORS = ROOT / "tests" / "sandbox" / "simulators"
READY_SECONDS = 30
STOPPING_SECONDS = 5


@dataclass(frozen=True)
class Simulator:
    """One that runs."""

    provider: Provider
    daemon: Daemon
    url: str


def named() -> dict[str, str]:
    """Where providers answer that are not to be simulated, from `<PROVIDER>_BASE_URL`."""
    found = {}
    for name in PROVIDERS:
        variable = f"{name.upper()}_BASE_URL"
        if url := os.environ.get(variable, "").rstrip("/"):
            if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
                raise SandboxError(f"{variable} is {url!r}: give an address like http://host:8080")
            found[name] = url
    return found


def start(
    provider: Provider, *, places: Places, port: int, options: Mapping[str, int]
) -> Simulator:
    module = f"{PACKAGE}.{provider.name}"
    if not (SIMULATORS / provider.name).is_dir():
        raise SandboxError(
            f"there is no simulator of {provider.title}: set {provider.name.upper()}_BASE_URL"
        )
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    daemon = processes.start(
        provider.name,
        [sys.executable, "-m", module, "--port", str(port), *words],
        places=places,
        environment=os.environ,
        folder=ROOT,
    )
    return Simulator(provider, daemon, f"http://127.0.0.1:{port}")


def wait_until_ready(simulator: Simulator) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while loopback.status(simulator.url) is None:
        simulator.daemon.must_live()
        if time.monotonic() > deadline:
            words = processes.last_words(simulator.daemon.log)
            raise Died(f"the simulator of {simulator.provider.title} does not answer: {words}")
        time.sleep(0.05)


def stop(daemon: Daemon) -> None:
    processes.stop(daemon, polite_seconds=STOPPING_SECONDS, patience_seconds=STOPPING_SECONDS)


def hand_over_keys(aws: Aws, simulator: Simulator, secret: str) -> None:
    """Into the provider's secret, unless somebody has configured it already."""
    required = simulator.provider.required
    current = json.loads(aws.secrets.get_secret_value(SecretId=secret)["SecretString"])
    if all(current.get(field) for field in required):
        return
    keys = importlib.import_module(f"{PACKAGE}.{simulator.provider.name}").SECRET
    aws.secrets.put_secret_value(SecretId=secret, SecretString=json.dumps(dict(keys)))


def free_port(after: int) -> int:
    """The next one that nobody listens on."""
    return next(port for port in range(after + 1, 65_536) if is_free(port))


def any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as caller:  # who listens on all addresses does not stop us from binding
        return caller.connect_ex(("127.0.0.1", port)) != 0
