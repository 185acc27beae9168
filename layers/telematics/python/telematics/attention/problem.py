"""A problem: what is amiss and where, since when, and the command that helps. Never who."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RUNBOOK = "docs/runbook.md"


class Kind(StrEnum):
    """Each has its section in the runbook, under this name with dashes."""

    DAY_INCOMPLETE = "offload_day_incomplete"
    RECONCILIATION = "reconciliation_incomplete"
    CLIP_DEADLINE = "clip_deadline_near"
    ERASURE_LATE = "erasure_late"
    KEY_EXPIRES = "key_expires"
    DEAD_LETTERS = "dead_letters"
    OLD_MESSAGES = "old_messages"

    @property
    def section(self) -> str:
        return runbook(self.replace("_", "-"))

    @property
    def metric(self) -> str:
        return "".join(word.capitalize() for word in self.split("_"))


@dataclass(frozen=True)
class Problem:
    """`place` tells it from others of its kind, and is the same from one look to the next.

    `since` is None where only whoever looks again and again could know it.
    """

    kind: Kind
    place: str
    what: str
    command: str
    since: datetime | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.kind}/{self.place}".encode()).hexdigest()[:32]


def runbook(anchor: str) -> str:
    """Where it says what to do."""
    return f"{RUNBOOK}#{anchor}"
