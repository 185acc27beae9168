"""What is asked for: which seconds of which camera, by whom and why."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from telematics.errors import InvalidRequest
from telematics.events import ClipRequested

EVERY_CAMERA = "ALL"
USUAL_SECONDS, MOST_SECONDS = 30, 86_400
USUAL_DEADLINE_HOURS, MOST_DEADLINE_HOURS = 72, 240
LONGEST_TEXT, LONGEST_NAME = 300, 100
FUTURE = timedelta(days=1)  # clocks differ, and so do people's ideas of zones
_CAMERA = re.compile(r"[A-Z0-9_]{1,20}")
_DEVICE = re.compile(r"[!-.0-~]{1,100}")  # one word, without a slash


@dataclass(frozen=True)
class Wish:
    """`at` lies in the footage, and is a whole second."""

    provider: str
    device: str
    camera: str
    at: datetime
    duration_s: int
    requester: str
    reason: str
    deadline_hours: float

    @property
    def clip_id(self) -> str:
        """The same for the same footage, whoever wants it."""
        second = int(self.at.timestamp())
        spelt = f"{self.provider}|{self.device}|{self.camera}|{second}|{self.duration_s}"
        return f"clip-{hashlib.sha256(spelt.encode()).hexdigest()[:24]}"

    def event(self) -> ClipRequested:
        return ClipRequested(
            provider=self.provider,
            clip_id=self.clip_id,
            device=self.device,
            camera=self.camera,
            at=self.at,
            duration_s=self.duration_s,
            requester=self.requester,
            reason=self.reason,
            deadline_hours=self.deadline_hours,
        )


def wish(told: Mapping[str, Any], *, provider: str, now: datetime) -> Wish:  # Any: JSON
    """Raises InvalidRequest, which says what would be right."""
    if told.get("provider", provider) != provider:
        raise InvalidRequest(f"this asks {provider} for clips, and nobody else")
    return Wish(
        provider=provider,
        device=_spelt(told, "device", _DEVICE, "the id of a dashcam, without blanks or slashes"),
        camera=_spelt(told, "camera", _CAMERA, "spelt like C_F, or ALL", usual=EVERY_CAMERA),
        at=_moment(told.get("at"), now),
        duration_s=_whole(told, "duration_s", USUAL_SECONDS, MOST_SECONDS),
        requester=_text(told, "requester", LONGEST_NAME),
        reason=_text(told, "reason", LONGEST_TEXT),
        deadline_hours=_hours(told.get("deadline_hours")),
    )


def _spelt(
    told: Mapping[str, Any], name: str, pattern: re.Pattern[str], right: str, *, usual: str = ""
) -> str:
    value = told.get(name)
    value = usual if value is None else value
    if not isinstance(value, str) or not pattern.fullmatch(value) or not value.strip("."):
        raise InvalidRequest(f"{name} is {right}")
    return value


def _text(told: Mapping[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if not text or not text.isprintable() or len(text) > longest:
        raise InvalidRequest(f"{name} is a text of one line, of at most {longest} characters")
    return text


def _whole(told: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = told.get(name)
    value = usual if value is None else value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidRequest(f"{name} is a whole number from 1 to {most}")
    return value


def _hours(value: object) -> float:
    """Also parts of one."""
    if value is None:
        return float(USUAL_DEADLINE_HOURS)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < float(str(value)) <= MOST_DEADLINE_HOURS:
        raise InvalidRequest(f"deadline_hours is a number above 0, up to {MOST_DEADLINE_HOURS}")
    return float(str(value))


def _moment(value: object, now: datetime) -> datetime:
    """A time with its zone, or UNIX seconds."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(value if isinstance(value, str) else "")
        if found.tzinfo is None:
            raise ValueError("it has no zone")
    except (ValueError, OverflowError, OSError):
        wanted = "at is a time like 2024-03-05T07:12:30Z, or UNIX seconds"
        raise InvalidRequest(wanted) from None
    if found.timestamp() < 0 or found > now + FUTURE:
        raise InvalidRequest("at lies in the past")
    return found.astimezone(UTC).replace(microsecond=0)
