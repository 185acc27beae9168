"""How one simulator differs from another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import httpx


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """The same seed gives the same items. `transport` is how the notifiers reach the webhooks."""

    seed: int = 1
    users: int = 50
    first_day: date = date(2023, 1, 1)
    now: Callable[[], datetime] = utc_now
    transport: Callable[[], httpx.BaseTransport] = httpx.HTTPTransport
