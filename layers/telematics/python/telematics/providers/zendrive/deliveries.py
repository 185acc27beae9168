"""What Zendrive's webhooks deliver: notifications, of types that may be new, and what they name."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from telematics.providers.zendrive import about, records

COLLISION = "COLLISION"
TRIP_SCORED = "TRIP_SCORED"
KNOWN = (COLLISION, TRIP_SCORED)


@dataclass(frozen=True)
class Notification:
    """One delivery. `members` are those beside `data`; `data` is as it was sent."""

    members: dict[str, Any]  # Any: JSON of any shape
    data: msgspec.Raw | None

    @property
    def type(self) -> str:
        """In capitals, as most of them are written; empty where it isn't told."""
        return (self.id("type") or "").upper()

    def id(self, member: str) -> str | None:
        return records.text_of(self.members.get(member))

    @property
    def time(self) -> datetime | None:
        """Of the trip or the collision that it names, as their ids are times."""
        named = (about.moment(self.id(one) or "") for one in ("trip_id", "collision_id"))
        return next((one for one in named if one), None)


def notification(body: bytes) -> Notification:
    """Raises MalformedPayload, which shows nothing of it."""
    found = records.members(body)
    data = found.pop("data", None)
    return Notification(records.values(found), data)


def day(webhook: str, body: bytes) -> date | None:
    """The UTC day of what a notification names; None where it names nothing that has one.

    Raises MalformedPayload when it is not as documented.
    """
    found = notification(body).time
    return found.date() if found else None
