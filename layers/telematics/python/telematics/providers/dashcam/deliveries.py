"""What VisionMax's webhooks deliver: an envelope with a message, which is JSON inside of JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from telematics.errors import MalformedPayload
from telematics.providers.dashcam import about, records


@dataclass(frozen=True)
class Message:
    """One delivery. `members` is the message itself, of whatever type `hook` names."""

    message_id: str
    envelope: dict[str, Any]  # Any: JSON of any shape, as below
    members: dict[str, Any]

    @property
    def hook(self) -> str:
        """`EVENT_TRIGGERED` and its like; empty where it isn't told."""
        told = self.envelope.get("hookName")
        return told if isinstance(told, str) else ""

    @property
    def day(self) -> date | None:
        """The UTC day that the message tells of."""
        found = about.seconds(self.members.get("timestamp"))
        return None if found is None else about.moment(found).date()


def split(webhook: str, body: bytes) -> list[msgspec.Raw]:
    """A delivery has one message."""
    return [msgspec.Raw(body)]


def day(webhook: str, body: bytes) -> date | None:
    """The UTC day of the message, None if it has no time; the same however often it is sent.

    Raises MalformedPayload when it is not as documented.
    """
    return message(body).day


def message(content: bytes | msgspec.Raw) -> Message:
    """Raises MalformedPayload, which shows nothing of it."""
    envelope = records.decoded(bytes(content))
    message_id = records.text_of(envelope.get("messageId"))
    if message_id is None:
        raise MalformedPayload("messageId: missing")
    told = envelope.get("message")
    if isinstance(told, str):
        try:
            told = records.decoded(told.encode())
        except MalformedPayload as error:
            raise MalformedPayload(f"message: {error}") from None
    if not isinstance(told, dict):
        raise MalformedPayload("message: neither an object nor one as text")
    return Message(message_id, envelope, told)
