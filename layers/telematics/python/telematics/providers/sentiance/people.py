"""Whom Sentiance's files name: by its own id, and by ours where it knows it."""

from telematics.identities import OURS
from telematics.people import Identity

ITS_OWN = frozenset({"user_id", "userid"})
OUR_OWN = frozenset({"metadata_user_id", "external_id", "externaluserid"})


def person(member: str, text: str) -> Identity | None:
    name = member.strip().lower()
    if name in ITS_OWN:
        return Identity("sentiance", text)
    return Identity(OURS, text) if name in OUR_OWN else None
