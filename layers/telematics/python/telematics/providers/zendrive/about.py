"""Whose trips and collisions are told of, and how each is called: the keys of the lake."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from urllib.parse import quote, unquote

from telematics.datasets import PERSON

# A time in milliseconds has been above this since 1973: what is below is a number of another kind.
MILLISECONDS_FROM = 100_000_000_000
MILLISECONDS_UNTIL = 253_402_300_800_000  # the year 10000


@dataclass(frozen=True)
class Subject:
    """What a read of the API is about, as envelopes name it: `<driver>/<id>`."""

    driver: str
    id: str

    def __str__(self) -> str:
        return f"{quote(self.driver, safe='')}/{quote(self.id, safe='')}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        driver, id_ = text.split("/")
        return cls(unquote(driver), unquote(id_))


@dataclass(frozen=True)
class Trip:
    """One trip of one driver."""

    driver: str
    trip_id: str
    day: date

    @property
    def key(self) -> str:
        """Begins with a time, so that statistics of files rule most of them out."""
        return f"{self.trip_id}-{self.driver}"

    @property
    def columns(self) -> dict[str, Any]:  # Any: what columns hold
        """Those that say whose trip a row is of, and which."""
        return {PERSON: self.driver, "day": self.day, "trip_key": self.key, "trip_id": self.trip_id}


def moment(text: str) -> datetime | None:
    """When it was, of an id that is a time in milliseconds; None of one that isn't."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MILLISECONDS_UNTIL))):
        return None
    found = int(text)
    if not MILLISECONDS_FROM <= found < MILLISECONDS_UNTIL:
        return None
    return datetime.fromtimestamp(found // 1000, UTC).replace(microsecond=found % 1000 * 1000)


def day(*, trip_id: str, start: datetime | None, otherwise: date) -> date:
    """The first UTC day of a trip, the same whoever tells of it.

    Its id is its start, in milliseconds: not everybody who names the trip tells of the start.
    """
    found = moment(trip_id) or start
    return found.astimezone(UTC).date() if found else otherwise
