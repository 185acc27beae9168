"""What the queues of `convert` hold: S3's own event of an object, or ours of one to load again."""

import json
from dataclasses import dataclass
from typing import Self

from telematics.errors import MalformedPayload
from telematics.raw import RawKey


@dataclass(frozen=True)
class Announced:
    """An object in raw. `again`: also if this very object was loaded before."""

    key: RawKey
    again: bool = False

    @classmethod
    def parse(cls, body: str) -> Self:
        """Raises MalformedPayload for an object that nobody here put into raw."""
        told = json.loads(body)
        return cls(RawKey.parse(str(told["detail"]["object"]["key"])), told.get("again") is True)

    @property
    def body(self) -> str:
        """Only its place: whatever else S3 tells of an object, nobody reads."""
        told = {"detail": {"object": {"key": str(self.key)}}}
        return json.dumps({**told, "again": True} if self.again else told)


def key_in(body: str) -> str:
    """As far as a message of any kind tells of an object; empty where it does not."""
    try:
        return str(Announced.parse(body).key)
    except (ValueError, LookupError, TypeError, AttributeError, MalformedPayload):
        return ""
