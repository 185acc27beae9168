"""How one simulator differs from another, and a clock that can be made to hurry."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import httpx
import msgspec


class Knobs(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What can be turned while it runs. Tokens and links age by the real clock, also in a hurry.

    `access_at` is where the answer to a login has the token: the vendor doesn't document it.
    """

    token_seconds: float = 3600
    access_at: str = "data.access_token"
    link_seconds: float = 900
    asset_seconds: float = 5
    expiry_days: float = 30
    video_bytes: int = 60_000


@dataclass(frozen=True)
class Settings:
    """The same seed gives the same events. `transport` is how notices reach the webhooks."""

    seed: int = 1
    users: int = 50
    first_day: date = date(2023, 1, 1)
    now: Callable[[], float] = time.time
    transport: Callable[[], httpx.BaseTransport] = httpx.HTTPTransport
    knobs: Knobs = field(default_factory=Knobs)


class Clock:
    """`real` is UNIX seconds; `now` is the same until the scale is changed."""

    def __init__(self, real: Callable[[], float]) -> None:
        self.real = real
        self.scale = 1.0
        self._since = self._began = real()

    def now(self) -> float:
        return self._began + (self.real() - self._since) * self.scale

    def turn(self, *, scale: float | None, advance: float) -> None:
        """From now on at another pace, after a jump of so many seconds."""
        self._began, self._since = self.now() + advance, self.real()
        self.scale = self.scale if scale is None else scale
