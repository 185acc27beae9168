"""Where the days of providers go: the raw bucket, filled as functions fill it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.moments import stamp
from telematics.raw import Provenance, RawKey, Zone
from tests.sandbox.simulators.chance import share
from tests.soak.month.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE_WITH_POINTS = 0.1
MORNING = time(6, tzinfo=UTC)


class Provided(Protocol):
    """A provider's data of any day."""

    def store(self, day: date, into: "Into") -> None: ...


@dataclass
class Into:
    """Raw objects are stored here, and what is true of them is noted."""

    zone: Zone
    truth: Truth
    objects: int = 0
    size: int = 0
    points: int = 0

    def put(self, key: RawKey, body: bytes) -> None:
        stored = self.zone.put(key, body, Provenance(stamp(fetched_at(key.day))))
        self.objects += 1
        self.size += stored.size

    def put_answers(
        self, provider: str, dataset: str, day: date, identity: str, entries: "Sequence[Entry]"
    ) -> None:
        """As enrichment and synchronization keep them."""
        key = RawKey(provider, dataset, day, identity, envelope.EXTENSION)
        self.put(key, envelope.packed(entries))


def fetched_at(day: date) -> datetime:
    """The morning after."""
    return datetime.combine(day + timedelta(days=1), MORNING)


def has_points(key: str) -> bool:
    """Whether the points of this trip are told as well."""
    return share(key, "points of the month") < SHARE_WITH_POINTS
