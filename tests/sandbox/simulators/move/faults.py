"""What can go wrong at the provider, as tests ask for it.

The routes are in the simulators' faults.py. "at" is one of the calls item, list, batch, points,
label, register, delete, block, or one of the webhooks timeline, notifications.

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

from tests.sandbox.simulators import faults

OF_CALLS = ("busy", "error", "cut", "slow", "forbidden", "missing", "unknown_feature")
OF_SIGNATURES = ("bad_signature", "hex_signature", "wrong_prefix", "no_signature")
OF_DELIVERIES = ("malformed", "partly_malformed", "v20")
NAMES = (*OF_CALLS, *OF_SIGNATURES, *OF_DELIVERIES)
CALLS = ("item", "list", "batch", "points", "label", "register", "delete", "block")
PLACES = (*CALLS, "timeline", "notifications")


class Fault(faults.Fault):
    """One of them, as the table says."""

    NAMES = NAMES
    PLACES = PLACES

    contract: str | None = None
    start: int | None = None
    seconds: float = 1
    status: int | None = None


class Faults(faults.Faults[Fault]):
    """Those in force, some of them about one user or item alone."""

    def strike(
        self, name: str, at: str, *, contract: str | None = None, start: int | None = None
    ) -> Fault | None:
        def is_meant(one: Fault) -> bool:
            return one.contract in (None, contract) and one.start in (None, start)

        return self.strike_if(is_meant, name, at)

    def is_hidden(self, contract: str) -> bool:
        """Lists tell nothing of what is yet to be uploaded; that does not count."""
        return any(one.fault == "missing" and one.contract == contract for one in self.told())
