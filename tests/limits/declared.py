"""Every limit, by what it is about: what is beyond it, and the test that shows that."""

from collections.abc import Mapping, Sequence

from tests.limits.arriving import DETAILS, LOADING, OFFLOADS, WEBHOOKS
from tests.limits.limit import Limit
from tests.limits.wanted import CLAIMS, FOOTAGE, KEPT, PEOPLE

LIMITS: Mapping[str, Sequence[Limit]] = {
    "Webhooks and the API": WEBHOOKS,
    "Loading": LOADING,
    "Offloads": OFFLOADS,
    "Details of trips": DETAILS,
    "Events and footage": FOOTAGE,
    "Claims": CLAIMS,
    "People": PEOPLE,
    "What is kept, and read": KEPT,
}
