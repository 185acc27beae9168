"""Who drove with a device last: whose footage it is, as far as anybody can know.

Of somebody whose data may not be kept only their hash is noted, so that footage of them is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from telematics import tasks
from telematics.errors import UserBlocked
from telematics.moments import stamp
from telematics.tasks import Item, Tasks
from telematics.users import gate
from telematics.users.gate import Gate

DEVICES = "device-"  # how the tasks begin that stand for a device
ATTEMPTS = 5
REFUSED = "whoever drives with this device is blocked, or their data is erased"


@dataclass(frozen=True)
class Drive:
    """A device was with somebody at that time."""

    device: str
    person: str = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Devices:
    """Where drivers are noted, and who of them is behind the gate."""

    tasks: Tasks
    gate: Gate

    def note(self, provider: str, drives: Iterable[Drive]) -> None:
        """The latest of each device; what is older than what is known tells nothing."""
        latest: dict[str, Drive] = {}
        for one in drives:
            if one.device not in latest or latest[one.device].at < one.at:
                latest[one.device] = one
        for one in latest.values():
            self._note(provider, one)

    def driver(self, provider: str, device: str) -> str:
        """Empty where nobody is known, or may be."""
        person = str(self._known(provider, device).get("person", ""))
        return "" if self._is_closed(provider, person) else person

    def refuse_closed(self, provider: str, device: str, person: str = "") -> None:
        """Raises UserBlocked, also for who drove when that was asked for before."""
        known = self._known(provider, device)
        people = {person, str(known.get("person", ""))}
        is_marked = known.get("subject", "") in self.gate.marks
        if is_marked or any(self._is_closed(provider, one) for one in people):
            raise UserBlocked(REFUSED)

    def _note(self, provider: str, drive: Drive) -> None:
        """Whoever else notes something meanwhile does so of the same events."""
        place = _place(provider, drive.device)
        for _ in range(ATTEMPTS):
            known, facts = self.tasks.get(place) or {}, self._facts(provider, drive)
            is_older = str(known.get("since", "")) > stamp(drive.at)
            if is_older or all(known.get(name) == one for name, one in facts.items()):
                return
            if self.tasks.write(place, facts, revision=int(known.get("revision", 0))):
                return

    def _facts(self, provider: str, drive: Drive) -> Item:
        is_closed = self._is_closed(provider, drive.person)
        return {
            "provider": provider,
            "person": None if is_closed else drive.person,
            "subject": self.gate.hashed(provider, drive.person) if is_closed else None,
            "since": stamp(drive.at),
        }

    def _known(self, provider: str, device: str) -> Item:
        return self.tasks.get(_place(provider, device)) or {}

    def _is_closed(self, provider: str, person: str) -> bool:
        return bool(person) and self.gate.closed(provider, person) is not None


def _place(provider: str, device: str) -> str:
    return f"{DEVICES}{provider}-{device}"


def deployed() -> Devices:
    """Those of the stack that this function belongs to."""
    return Devices(tasks.deployed(), gate.deployed())
