"""How one simulator differs from another."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import httpx
import msgspec


def utc_now() -> datetime:
    return datetime.now(UTC)


class Knobs(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What can be turned while it runs.

    A callback comes `delay_seconds` after its request, and up to `spread_seconds` later, so that
    many come in any order. `gps_seconds` is how far the points of a trip are apart.
    """

    delay_seconds: float = 2
    spread_seconds: float = 0
    gps_seconds: float = 1

    def __post_init__(self) -> None:
        if self.gps_seconds < 0.01 or min(self.delay_seconds, self.spread_seconds) < 0:
            raise ValueError("seconds are not negative, those between points 0.01 or more")


@dataclass(frozen=True)
class Settings:
    """The same seed gives the same trips. `transport` is how what we send reaches the webhooks;
    `clock`, in seconds, says when."""

    seed: int = 1
    users: int = 50
    first_day: date = date(2023, 1, 1)
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    transport: Callable[[], httpx.BaseTransport] = httpx.HTTPTransport
    knobs: Knobs = field(default_factory=Knobs)
