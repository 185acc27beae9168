"""What a sandbox was asked to be; remembered with its data, so that a later `up` is the same."""

import json
import os
from dataclasses import asdict, dataclass, replace

from tests.sandbox.errors import SandboxError
from tests.sandbox.places import Places

PORT = "TELEMATICS_SANDBOX_PORT"
DEFAULT_PORT = 4566


@dataclass(frozen=True)
class Options:
    """None: as before, or the default. Port 0: any that is free."""

    port: int | None = None
    seed: int | None = None
    users: int | None = None

    @property
    def of_simulators(self) -> dict[str, int]:
        chosen = {"seed": self.seed, "users": self.users}
        return {name: value for name, value in chosen.items() if value is not None}


def remembered(places: Places) -> Options:
    try:
        return Options(**json.loads(places.options.read_text()))
    except FileNotFoundError:
        return Options()


def remember(places: Places, options: Options) -> None:
    places.folder.mkdir(parents=True, exist_ok=True)
    places.options.write_text(json.dumps(asdict(options), indent=2) + "\n")


def combined(asked: Options, places: Places) -> Options:
    """What is asked now counts, then the environment, then what was asked before."""
    before = remembered(places)
    port = asked.port if asked.port is not None else (_port_of_environment() or before.port)
    return replace(
        asked,
        port=DEFAULT_PORT if port is None else port,
        seed=before.seed if asked.seed is None else asked.seed,
        users=before.users if asked.users is None else asked.users,
    )


def _port_of_environment() -> int | None:
    text = os.environ.get(PORT)
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise SandboxError(f"{PORT} is {text!r}: give a port from 1 to 65535")
    return int(text)
