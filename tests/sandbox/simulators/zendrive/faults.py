"""What can go wrong at the provider, as tests ask for it.

The routes are in the simulators' faults.py. "at" is one of the calls detail, collision, trip,
delete. "driver" limits a fault to one of them, by name or id; "every": 10 to each tenth question
that comes (a driver, a date, a time and a place), which then has it however often it is asked.

fault            strikes    options and their defaults
---------------  ---------  ---------------------------------------------------------------
busy             calls      status 429, seconds 1 in Retry-After
error            calls      status 500
refused          calls      status 400, reason
cut              calls      the connection, after half of the answer; a detail is made all the same
slow             calls      seconds 1 before the answer
never            callbacks  accepted, and never answered
late             callbacks  seconds 60 more
twice            callbacks  the same bytes again, seconds 0 after the first; copies 2
wrong_token      callbacks  to an address of which the last part is another one
truncated        callbacks  half of it, in a request that is whole
no_trips         callbacks  trip_info is empty
no_collision     callbacks  collision_info is empty, also beside a COLLISION event
size             callbacks  bytes 4000000 exactly: points closer together, or farther apart
"""

from tests.sandbox.simulators import faults

OF_CALLS = ("busy", "error", "refused", "cut", "slow")
OF_CALLBACKS = (
    *("never", "late", "twice", "wrong_token", "truncated", "no_trips", "no_collision", "size"),
)
NAMES = (*OF_CALLS, *OF_CALLBACKS)
DETAIL, COLLISION, TRIP, DELETE = "detail", "collision", "trip", "delete"
PLACES = (DETAIL, COLLISION, TRIP, DELETE)
_SECONDS = {"late": 60.0, "twice": 0.0}


class Fault(faults.Fault):
    """One of them, as the table says."""

    NAMES = NAMES
    PLACES = PLACES

    driver: str = ""
    every: int = 1
    seconds: float | None = None
    status: int | None = None
    reason: str = "something is wrong with this request"
    copies: int = 2
    bytes: int = 4_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.every, self.copies, self.bytes) < 1:
            raise ValueError("every, copies and bytes are 1 or more")

    @property
    def pause_seconds(self) -> float:
        return _SECONDS.get(self.fault, 1.0) if self.seconds is None else self.seconds


class Faults(faults.Faults[Fault]):
    """Those in force, some of them about one driver or some questions alone."""

    def __init__(self) -> None:
        super().__init__()
        self._counted: list[tuple[Fault, dict[str, int]]] = []

    def strike(self, name: str, at: str, *names: str, question: str = "") -> Fault | None:
        """`names` are what the driver is called."""

        def is_meant(one: Fault) -> bool:
            return one.driver in ("", *names) and self._is_turn(one, question)

        return self.strike_if(is_meant, name, at)

    def _is_turn(self, fault: Fault, question: str) -> bool:
        if fault.every == 1:
            return True
        known = next((numbers for one, numbers in self._counted if one is fault), None)
        if known is None:
            known = {}
            self._counted.append((fault, known))
        return known.setdefault(question, len(known) + 1) % fault.every == 0
