"""What is asked for: everything known of one person around one day, for which claim, by whom."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from telematics.errors import InvalidRequest
from telematics.events import CollisionRequested

LONGEST_CLAIM, LONGEST_NAME = 300, 100
MONTHS_KEPT = 6  # so long the provider has it
A_DAY = timedelta(days=1)
LATITUDES, LONGITUDES = 90, 180
PLACES = Decimal("0.000001")  # some ten centimetres


@dataclass(frozen=True)
class Wish:
    """`user_id` is as we call them. Time and place tell several impacts apart."""

    provider: str
    user_id: str
    day: date
    at: datetime | None
    latitude: Decimal | None
    longitude: Decimal | None
    claim: str
    requester: str

    @property
    def collision_id(self) -> str:
        """The same for the same claim, user, day and place, whoever asks."""
        at = int(self.at.timestamp() * 1000) if self.at else ""
        place = f"{_spelt(self.latitude)}|{_spelt(self.longitude)}"
        spelt = f"{self.provider}|{self.user_id}|{self.day}|{at}|{place}|{self.claim}"
        return f"collision-{hashlib.sha256(spelt.encode()).hexdigest()[:24]}"

    def event(self) -> CollisionRequested:
        """Who and where stays in the task."""
        return CollisionRequested(provider=self.provider, collision_id=self.collision_id)


def wish(told: Mapping[str, Any], *, provider: str, now: datetime) -> Wish:  # Any: JSON
    """Raises InvalidRequest, which says what would be right."""
    if told.get("provider", provider) != provider:
        raise InvalidRequest(f"this asks {provider} for collisions, and nobody else")
    day = _day(told.get("date"), now)
    latitude, longitude = _place(told.get("latitude"), told.get("longitude"))
    return Wish(
        provider=provider,
        user_id=_text(told, "user_id", LONGEST_NAME),
        day=day,
        at=_moment(told.get("at"), day, now),
        latitude=latitude,
        longitude=longitude,
        claim=_text(told, "claim", LONGEST_CLAIM),
        requester=_text(told, "requester", LONGEST_NAME),
    )


def oldest_day(today: date) -> date:
    """Six months before: the same day of that month, or its last."""
    months = today.year * 12 + today.month - 1 - MONTHS_KEPT
    first = date(months // 12, months % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - A_DAY
    return min(first.replace(day=min(today.day, last.day)), last)


def _day(value: object, now: datetime) -> date:
    try:
        if not isinstance(value, str) or len(value) != len("YYYY-MM-DD"):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise InvalidRequest("date is a day like 2024-03-05") from None
    today = now.astimezone(UTC).date()
    if day > today:
        raise InvalidRequest("date lies in the future")
    if day < oldest_day(today):
        raise InvalidRequest(
            f"date is older than six months: nothing before {oldest_day(today)} is kept"
        )
    return day


def _moment(value: object, day: date, now: datetime) -> datetime | None:
    """A time with its zone, or UNIX milliseconds."""
    if value is None:
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000, UTC)
        else:
            found = datetime.fromisoformat(value if isinstance(value, str) else "")
        if found.tzinfo is None:
            raise ValueError("it has no zone")
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        wanted = "at is a time like 2024-03-05T07:12:30Z, or UNIX milliseconds"
        raise InvalidRequest(wanted) from None
    if abs(found.date() - day) > A_DAY:
        raise InvalidRequest("at lies more than a day from date")
    if found > now + A_DAY:
        raise InvalidRequest("at lies in the future")
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _place(latitude: object, longitude: object) -> tuple[Decimal | None, Decimal | None]:
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None:
        raise InvalidRequest("latitude and longitude come together")
    return (
        _degrees("latitude", latitude, LATITUDES),
        _degrees("longitude", longitude, LONGITUDES),
    )


def _degrees(name: str, value: object, most: int) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise ValueError
        found = Decimal(str(value))
        if not (found.is_finite() and abs(found) <= most):
            raise ValueError
    except (ValueError, InvalidOperation):
        raise InvalidRequest(f"{name} is a number of degrees from -{most} to {most}") from None
    return found.quantize(PLACES) + 0  # no zero is negative


def _spelt(degrees: Decimal | None) -> str:
    return "" if degrees is None else str(degrees)


def _text(told: Mapping[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if not text or not text.isprintable() or len(text) > longest:
        raise InvalidRequest(f"{name} is a text of one line, of at most {longest} characters")
    return text
