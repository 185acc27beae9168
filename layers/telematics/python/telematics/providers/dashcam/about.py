"""What an answer is about that doesn't say so itself: kept beside it in raw, as text.

The assets of an event and its track name neither the event nor whose it is; a safety report does
not repeat its period. The text goes into `trip` of an envelope's entry.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import msgspec

from telematics.errors import MalformedPayload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Milliseconds have been above this since 1973, seconds are not before 5138.
_SECONDS_BELOW = 100_000_000_000


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event of a camera. `timestamp` is in UNIX seconds."""

    uuid: str
    timestamp: int | None = None
    device: str | None = None
    driver: str | None = None

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def day(self) -> date | None:
        """The UTC day on which it happened, which never changes."""
        return None if self.timestamp is None else moment(self.timestamp).date()

    @classmethod
    def of(cls, members: Any) -> Self | None:  # Any: JSON of any shape
        """As a list, a detail or a manual upload has it; None without a uuid."""
        if not isinstance(members, dict):
            return None
        uuid, device = members.get("uuid"), members.get("device_cid")
        if not (isinstance(uuid, str) and uuid.strip()):
            return None
        return cls(
            uuid,
            seconds(members.get("timestamp")),
            device if isinstance(device, str) and device else None,
            _name(members.get("driver_id")),
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` makes, or a uuid alone."""
        if not text.startswith("{"):
            return cls(text)
        try:
            return msgspec.json.decode(text, type=cls)
        except ValueError as error:
            raise MalformedPayload(f"names no event: {error}") from None


class Period(msgspec.Struct, frozen=True):
    """Whole days of a time zone, both included."""

    first: date
    last: date
    tz: str = "UTC"

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            return msgspec.json.decode(text, type=cls)
        except ValueError as error:
            raise MalformedPayload(f"names no period: {error}") from None


def seconds(value: object) -> int | None:
    """UNIX seconds, as a number or as its digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _SECONDS_BELOW else None


def moment(unix_seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=unix_seconds)


def _name(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
