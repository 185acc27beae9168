"""Whom MOVE's notifications and answers name: as a contract, as a user, or within a trip's id."""

from telematics.errors import InvalidRequest
from telematics.people import Identity
from telematics.providers.move.trip_id import TripId

CONTRACT = frozenset({"contractid", "userid"})
TRIP = "trip"  # of an answer that does not say itself what it is about


def person(member: str, text: str) -> Identity | None:
    name = member.lower()
    if name in CONTRACT:
        return Identity("move", text)
    if name != TRIP:
        return None
    try:
        return Identity("move", TripId.parse(text).contract)
    except InvalidRequest:
        return None
