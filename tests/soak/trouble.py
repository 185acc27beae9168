"""What goes wrong in the half hour of the soak test: when it begins, and when it is mended."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from tests.integration.insurer import Insurer
from tests.soak.traffic import Traffic

# When, what, and what is done; it says whether it could be done yet.
Step: TypeAlias = tuple[float, str, Callable[[], bool]]
# Of the whole time: when, and for how long at most.
BROKEN_AT, PAUSED_AT, ROTATED_AT, RETIRED_AT = 0.25, 0.5, 0.65, 0.9
LONGEST_SECONDS, SHARE = 60.0, 0.15
# The emulator ends calls of a function whose settings change: whoever loads has to finish first.
FINISHING_SECONDS, FAILING_SECONDS = 45.0, 10.0
LATER_SECONDS = 5.0
ROTATE = ("webhook", "rotate", "move", "--webhook", "timeline")
LOADING, ASKING = "MergeObjects", "EnrichMove"
NO_TABLE = "no-such-table"
# Of MOVE's API, one after the other.
OF_THE_API = (
    {"fault": "busy", "count": 10},
    {"fault": "error", "count": 10},
    {"fault": "slow", "count": 10, "seconds": 1},
    {"fault": "cut", "count": 5},
    {"fault": "missing", "count": 5},
)


@dataclass
class Trouble:
    """Everything that happens once, in turn, with its time; and what happens each minute."""

    insurer: Insurer
    traffic: Traffic
    seconds: float
    _due: list[Step] = field(default_factory=list)
    _signed_before: int = 0

    def __post_init__(self) -> None:
        lasts = min(LONGEST_SECONDS, SHARE * self.seconds)
        broken, paused = BROKEN_AT * self.seconds, PAUSED_AT * self.seconds
        due: list[Step] = [
            (broken - FINISHING_SECONDS, "", lambda: self._take(LOADING, is_on=False)),
            (broken, "what loads is broken", self._break),
            (broken + lasts, "", lambda: self._take(LOADING, is_on=False)),
            (broken + lasts + FAILING_SECONDS, "and mended", self._mend),
            (paused, "the queue of details stops", lambda: self._take(ASKING, is_on=False)),
            (paused + lasts, "and goes on", lambda: self._take(ASKING, is_on=True)),
            (ROTATED_AT * self.seconds, "another secret, beside the old one", self._rotate),
            (RETIRED_AT * self.seconds, "the old secret is retired", self._retire),
        ]
        self._due = in_time(due)

    def pass_by(self, elapsed: float) -> list[str]:
        """What has just happened."""
        now = [one for one in self._due if one[0] <= elapsed]
        self._due = self._due[len(now) :]
        told = []
        for _, what, happens in now:
            if happens():
                told.append(what)
            else:
                self._due = in_time([*self._due, (elapsed + LATER_SECONDS, what, happens)])
        return [what for what in told if what]

    def each_minute(self, number: int) -> None:
        move, dashcam = self.insurer.move, self.insurer.dashcam
        move.misbehave(fault="bad_signature", count=10, at="timeline")
        move.misbehave(fault="malformed", count=1, at="timeline")
        move.misbehave(**OF_THE_API[number % len(OF_THE_API)])
        dashcam.misbehave(fault="duplicate", count=10, at="webhook")
        self.traffic.refuse_zendrive()

    def _break(self) -> bool:
        self.insurer.function(LOADING).change(LEDGER_TABLE=NO_TABLE)
        return self._take(LOADING, is_on=True)

    def _mend(self) -> bool:
        ledger = self.insurer.stack.output("LedgerTable")
        self.insurer.function(LOADING).change(LEDGER_TABLE=ledger)
        return self._take(LOADING, is_on=True)

    def _take(self, function: str, *, is_on: bool) -> bool:
        self.insurer.function(function).take(is_on=is_on)
        return True

    def _rotate(self) -> bool:
        said = self.insurer.telematics(*ROTATE, "--json")
        assert said.code == 0, said.err
        self._signed_before = len(self.traffic.move_runs)
        self.traffic.secret = json.loads(said.out)["rotated"][0]["secret"]
        return True

    def _retire(self) -> bool:
        """Only once nobody signs with it any more."""
        if not all(one["done"] for one in islice(self.traffic.of_move(), self._signed_before)):
            return False
        said = self.insurer.telematics(*ROTATE, "--retire")
        assert said.code == 0, said.err
        return True


def in_time(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda one: one[0])
