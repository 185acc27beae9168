"""A notification as rows: itself and, of the types that we know, what it tells of a trip."""

from datetime import date, datetime
from typing import Any

from telematics import versions
from telematics.datasets import PERSON
from telematics.errors import TelematicsError
from telematics.providers.zendrive import data, datasets, deliveries, records, telling
from telematics.providers.zendrive.about import Trip
from telematics.providers.zendrive.deliveries import Notification
from telematics.providers.zendrive.telling import TAKEN, Telling
from telematics.versions import Contents, Unreadable

TOLD_BY = "notification"
_KNOWN = telling.sources(datasets.NOTIFICATION) | {"driver_id"}


def read(found: Contents, body: bytes, *, identity: str, day: date, fetched_at: datetime) -> None:
    """`identity` is that of the exact bytes. Raises MalformedPayload."""
    told = deliveries.notification(body)
    driver = told.id("driver_id") or ""
    here = Telling(found, driver, TOLD_BY, fetched_at, day)
    trip, is_read = _trip(here, told) if driver else (None, False)
    time = told.time
    row = {
        **records.declared(datasets.NOTIFICATION, told.members),
        **records.undeclared(told.members, _KNOWN, TAKEN["notifications"]),
        PERSON: driver or None,
        "day": trip.day if trip else time.date() if time else day,
        "notification_id": identity,
        "type": records.shown(told.members.get("type")),
        "trip_id": trip.trip_id if trip else told.id("trip_id"),
        "trip_key": trip.key if trip else None,
        **_time(told),
        "data": None if is_read or told.data is None else bytes(told.data).decode(),
    }
    here.add_row("notifications", row)


def _trip(here: Telling, told: Notification) -> tuple[Trip | None, bool]:
    """The trip that is told of, and whether all that is told of it is elsewhere in the lake."""
    if told.type not in deliveries.KNOWN:
        return None, False
    try:
        members = records.optional_members(told.data)
        if not members:
            return None, True
        is_scored = told.type == deliveries.TRIP_SCORED
        trip = data.read(
            here,
            members,
            tells=telling.SCORED if is_scored else telling.NOTICED,
            trip_id=told.id("trip_id"),
            collision_id=told.id("collision_id"),
        )
    except (*versions.NOT_READABLE, TelematicsError) as error:
        here.found.unreadable.append(Unreadable(None, f"data: {error}", ""))
        return None, False
    return trip, True


def _time(told: Notification) -> dict[str, Any]:  # Any: what columns hold
    """When the collision was, as the notification itself says."""
    try:
        info = records.decoded(records.optional_members(told.data).get("info"))
        return records.declared(datasets.local("time", "time"), info)
    except TelematicsError:
        return {"time": None, datasets.OFFSET: None}
