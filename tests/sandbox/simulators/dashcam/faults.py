"""What can go wrong at the provider, as tests ask for it through the simulator's own routes.

    POST   /_simulator/faults   one fault or a list of them: {"fault": "busy", "count": 2}
    GET    /_simulator/faults   those in force, with what is left of their counts
    DELETE /_simulator/faults   all of them, or ?fault=busy: those of a name

A fault holds until it has struck "count" times, or else until it is cleared. "at" limits it to one
of the calls, to media or to webhook; "about" to paths (of webhooks: types) that contain it.

fault          strikes         options and their defaults
-------------  --------------  ----------------------------------------------------------------
busy           calls, media    status 429, seconds 1 in Retry-After
error          calls, media    status 500
cut            calls, media    after half of what was promised
slow           calls, media    seconds 1 before the answer
failure        calls           HTTP 200, result false, code S50000
expired_token  calls           as if the token had expired
wrong_type     calls, media    calls: "field" (timestamp, or else the first) of the first record
                               is an object; media: text/html
no_task_state  task            without the number that is documented of manual uploads only
expired_url    media           403
redirect       media           302 to url, or else to the same file at another address
duplicate      webhook         another delivery with the same messageId
bad_signature  webhook         made with another secret
malformed      webhook         a message that is no JSON
"""

import threading
from collections.abc import Sequence

import msgspec

from tests.sandbox.simulators.dashcam.plans import must_be_known

OF_CALLS = ("busy", "error", "cut", "slow", "failure", "expired_token", "wrong_type")
NAMES = (
    *(*OF_CALLS, "no_task_state", "expired_url", "redirect"),
    *("duplicate", "bad_signature", "malformed"),
)
CALLS = (
    *("login", "switch", "safety_report", "events", "event", "assets", "manual_uploads"),
    *("clip", "task", "discard"),
)
PLACES = (*CALLS, "media", "webhook")


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One of them, as the table says."""

    fault: str
    count: int | None = None
    at: str | None = None
    about: str = ""
    seconds: float = 1
    status: int | None = None
    code: str = "S50000"
    field: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        must_be_known("fault", self.fault, NAMES)
        must_be_known("place", self.at or "media", PLACES)
        if self.count is not None and self.count < 1:
            raise ValueError("count is 1 or more, or null")


class Faults:
    """Those in force. What delivers notices asks from threads of its own."""

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

    def strike(self, name: str, at: str, about: str) -> Fault | None:
        """The fault that strikes here and now, which counts."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.fault == name and fault.at in (None, at) and fault.about in about:
                    self._spend(fault)
                    return fault
        return None

    def _spend(self, fault: Fault) -> None:
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self._faults.remove(fault)
