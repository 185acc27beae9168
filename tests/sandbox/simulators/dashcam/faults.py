"""What can go wrong at the provider, as tests ask for it.

The routes are in the simulators' faults.py. "at" is one of the calls, media or webhook; "about"
limits a fault to paths (of webhooks: types) that contain it.

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

from tests.sandbox.simulators import faults

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


class Fault(faults.Fault):
    """One of them, as the table says."""

    NAMES = NAMES
    PLACES = PLACES

    about: str = ""
    seconds: float = 1
    status: int | None = None
    code: str = "S50000"
    field: str = ""
    url: str = ""


class Faults(faults.Faults[Fault]):
    """Those in force, some of them about certain paths or types alone."""

    def strike(self, name: str, at: str, about: str) -> Fault | None:
        return self.strike_if(lambda one: one.about in about, name, at)
