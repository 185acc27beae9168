"""Zendrive's API as data: which call goes where.

`detail` is only accepted: what is known comes later, to the address that the request names.
"""

from dataclasses import dataclass
from urllib.parse import quote

from telematics.errors import InvalidRequest

WHO = "Zendrive"
SCHEME = "APIKEY"  # as the vendor's samples have it; one of its tables has a blank inside
ACCEPTED, OK = 202, 200
# The last ones are left out of what is answered by default.
TRIP_FIELDS = ("info", "driving_behavior", "speed_profile", "simple_path", "events")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Route:
    """`name` is how errors and envelopes call it; `success` the status that it must be."""

    name: str
    method: str
    path: str
    success: int = OK

    def filled(self, **place: str) -> str:
        """Raises InvalidRequest for what would lead to another path."""
        for name, text in place.items():
            if not (text.strip(".") and text.isprintable() and len(text) <= LONGEST_NAME):
                raise InvalidRequest(f"the {name} can't stand in an address")
        return self.path.format(**{name: quote(text, safe="") for name, text in place.items()})


DETAIL = Route("detail", "POST", "/v1/collision_detail", success=ACCEPTED)
COLLISION = Route("collision", "GET", "/v3/driver/{driver}/collision/{collision}")
TRIP = Route("trip", "GET", "/v4/driver/{driver}/trip/{trip}")
