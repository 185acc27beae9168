"""Whom Zendrive's callbacks, notifications and answers name: a driver, called a user as well."""

from telematics.people import Identity
from telematics.providers.zendrive.about import Subject

DRIVER = frozenset({"user_id", "driver_id"})
ABOUT = "trip"  # of an answer that does not say itself what it is about


def person(member: str, text: str) -> Identity | None:
    name = member.lower()
    if name in DRIVER:
        return Identity("zendrive", text)
    if name != ABOUT:
        return None
    try:
        return Identity("zendrive", Subject.parse(text).driver)
    except ValueError:
        return None
