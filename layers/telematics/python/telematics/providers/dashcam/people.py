"""Whom the dashcams' events name: a driver."""

from telematics.people import Identity

# The last is our own word, in records of footage.
DRIVER = frozenset({"driver_id", "driverid", "driver", "person"})


def person(member: str, text: str) -> Identity | None:
    return Identity("dashcam", text) if member.lower() in DRIVER else None
