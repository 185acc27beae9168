"""How one simulator differs from another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tests.sandbox.simulators.sentiance import DELETE_KEY, LINK_KEY, READ_KEY, URL_KEY


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """The same seed and the same number of users give the same files."""

    seed: int = 1
    users: int = 50
    first_day: date = date(2023, 1, 1)
    link_seconds: int = 900
    read_key: str = READ_KEY
    url_key: str = URL_KEY
    link_key: str = LINK_KEY
    delete_key: str = DELETE_KEY
    now: Callable[[], datetime] = utc_now
