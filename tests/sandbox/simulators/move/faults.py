"""What can go wrong at the provider, as tests ask for it through the simulator's own routes.

    POST   /_simulator/faults   one fault or a list of them: {"fault": "busy", "count": 2}
    GET    /_simulator/faults   those in force, with what is left of their counts
    DELETE /_simulator/faults   all of them, or ?fault=busy: those of a name

A fault holds until it has struck "count" times, or else until it is cleared. "at" limits it to one
of the calls item, list, batch, points, label, register, delete, block, or to one of the webhooks
timeline, notifications.

fault             strikes                options and their defaults
----------------  ---------------------  ------------------------------------------------------
busy              calls                  status 429, seconds 1 in Retry-After
error             calls                  status 500
cut               calls                  the connection, after the first bytes of the answer
slow              calls                  seconds 1 before the answer
forbidden         calls                  contract: 403, also for a batch that names it
missing           items that are asked   contract, start: late uploads, which are unknown until
                                         they were asked for "count" times
unknown_feature   items that are told    contract, start: a feature that nobody has documented
bad_signature     attempts to deliver    made with another secret
hex_signature     attempts to deliver    hexadecimal
wrong_prefix      attempts to deliver    sha1=
no_signature      attempts to deliver
malformed         deliveries             one more before, signed, which is not what is documented
partly_malformed  deliveries             one bad item more among the others
v20               deliveries             in the field names of v20
"""

import threading
from collections.abc import Sequence

import msgspec

OF_CALLS = ("busy", "error", "cut", "slow", "forbidden", "missing", "unknown_feature")
OF_SIGNATURES = ("bad_signature", "hex_signature", "wrong_prefix", "no_signature")
OF_DELIVERIES = ("malformed", "partly_malformed", "v20")
NAMES = (*OF_CALLS, *OF_SIGNATURES, *OF_DELIVERIES)
CALLS = ("item", "list", "batch", "points", "label", "register", "delete", "block")
PLACES = (*CALLS, "timeline", "notifications")


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One of them, as the table says."""

    fault: str
    count: int | None = None
    at: str | None = None
    contract: str | None = None
    start: int | None = None
    seconds: float = 1
    status: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec reports as its own."""
        if self.fault not in NAMES:
            raise ValueError(f"no fault is called {self.fault!r}: there are {', '.join(NAMES)}")
        if self.at not in (None, *PLACES):
            raise ValueError(f"there is no {self.at!r}: at is one of {', '.join(PLACES)}")
        if self.count is not None and self.count < 1:
            raise ValueError("count is 1 or more, or null")


class Faults:
    """Those in force. Notifiers ask from threads of their own."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, faults: Sequence[Fault]) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self, name: str | None = None) -> None:
        with self._lock:
            self._faults = [one for one in self._faults if name not in (None, one.fault)]

    def told(self) -> list[Fault]:
        return list(self._faults)

    def strike(
        self, name: str, at: str, *, contract: str | None = None, start: int | None = None
    ) -> Fault | None:
        """The fault that strikes here and now, which counts."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                is_meant = fault.fault == name and fault.at in (None, at)
                if is_meant and fault.contract in (None, contract) and fault.start in (None, start):
                    self._spend(fault)
                    return fault
        return None

    def is_hidden(self, contract: str) -> bool:
        """Lists tell nothing of what is yet to be uploaded; that does not count."""
        return any(one.fault == "missing" and one.contract == contract for one in self.told())

    def _spend(self, fault: Fault) -> None:
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self._faults.remove(fault)
