"""A provider's events through their machine and the queues behind it, followed to the end."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from infra.cli.settling import Run, Waiting

Found: TypeAlias = Mapping[str, Any]  # what the machine says of its work, as JSON


@dataclass(frozen=True)
class Progress(Waiting):
    """How far it is. `found` is None while the machine runs."""

    found: Found | None = None


@dataclass
class Synchronization(Run):
    """Until all that the machine asked for is loaded."""

    found: Found | None = None

    def follow(self) -> Iterator[Progress]:
        self.begin("SyncMachine", "sync")
        while self.found is None:
            yield Progress()
            self.pause()
            self.found = self._done()
        while True:
            progress = Progress(self.found, asking=self.asking(), loading=self.loading())
            yield progress
            if self.has_ended(progress):
                return
            self.pause()

    def _done(self) -> Found | None:
        output = self.output(
            doing="the sync machine",
            remains="What it stored stays; the same command goes on from there",
        )
        if output is None:
            return None
        told = json.loads(output)
        return told if isinstance(told, dict) else {}
