"""What runs: written by `up`, read by whoever looks for the sandbox. Standard library only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.sandbox.places import Places
from tests.sandbox.processes import Daemon

REGION = "eu-west-1"  # always: what the emulator holds is per region
KEY = "test"  # the emulator accepts any


@dataclass(frozen=True)
class Running:
    """A sandbox: `ready` once everything answers and the stack is deployed."""

    endpoint: str
    since: datetime
    ready: bool = False
    region: str = REGION
    processes: Mapping[str, Daemon] = field(default_factory=dict)
    simulators: Mapping[str, str] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        return {name: daemon.pid for name, daemon in self.processes.items()}

    @property
    def alive(self) -> bool:
        """Its emulator, without which the rest is of no use."""
        return "emulator" in self.processes and self.processes["emulator"].alive


def running(places: Places | None = None) -> Running | None:
    """The sandbox of this checkout, when it is up and ready."""
    found = read(places or Places.of_this_checkout())
    return found if found and found.ready and found.alive else None


def read(places: Places) -> Running | None:
    """What was written, be it true or not."""
    try:
        written = json.loads(places.state.read_text())
        return _parsed(written, places)
    except (FileNotFoundError, json.JSONDecodeError, KeyError):
        return None


def write(places: Places, running: Running) -> None:
    content = {
        "endpoint": running.endpoint,
        "region": running.region,
        "since": running.since.astimezone(UTC).isoformat(timespec="seconds"),
        "ready": running.ready,
        "pids": running.pids,
        "simulators": dict(running.simulators),
        "programs": {name: daemon.arguments for name, daemon in running.processes.items()},
    }
    places.folder.mkdir(parents=True, exist_ok=True)
    new = places.state.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    new.replace(places.state)


def forget(places: Places) -> None:
    places.state.unlink(missing_ok=True)


def _parsed(written: Mapping[str, Any], places: Places) -> Running:  # Any: a JSON file
    return Running(
        endpoint=written["endpoint"],
        region=written["region"],
        since=datetime.fromisoformat(written["since"]),
        ready=written["ready"],
        simulators=written["simulators"],
        processes={
            name: Daemon(name, pid, written["programs"][name], places)
            for name, pid in written["pids"].items()
        },
    )
