"""What a night's reconciliation asks for: people in batches, and notifications left unfinished."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict

import msgspec

from telematics.enrichment.known import Known
from telematics.enrichment.reconciling import Request
from telematics.errors import InvalidRequest
from telematics.ledger import LedgerRow

PEOPLE_AT_ONCE = 50
LARGEST_BYTES = 150_000  # of a message, which may have 256 KiB
DAYS = 3
SEEN_WITHIN = timedelta(days=30)
UNFINISHED_WITHIN = timedelta(days=14)


class Summary(TypedDict):
    """What a run has asked for. Days, as YYYY-MM-DD."""

    first: str
    last: str
    people: int
    batches: int
    unfinished: int


@dataclass(frozen=True)
class Window:
    """Days, both included."""

    first: date
    last: date

    @classmethod
    def asked_for(cls, from_: str | None, to: str | None, *, today: date) -> "Window":
        """Without words about it, the last days up to now."""
        try:
            last = date.fromisoformat(to) if to else today
            first = date.fromisoformat(from_) if from_ else last - timedelta(days=DAYS)
        except ValueError as error:
            raise InvalidRequest(f"days are spelt YYYY-MM-DD: {error}") from error
        if first > last:
            raise InvalidRequest(f"the first day, {first}, is after the last, {last}")
        return cls(first, last)

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.first, time.min, UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last, time.max, UTC).replace(microsecond=0)


def requests(known: Iterable[Known], window: Window, *, today: date) -> Iterator[Request]:
    """Each small enough for a message; of people in order."""
    for number, people in enumerate(batches(known)):
        yield Request(day=today, batch=number, first=window.begin, last=window.end, people=people)


def batches(known: Iterable[Known]) -> Iterator[Mapping[str, Mapping[str, str]]]:
    people: dict[str, Mapping[str, str]] = {}
    size = 0
    for person, things in known:
        more = len(msgspec.json.encode({person: things}))
        if people and (len(people) == PEOPLE_AT_ONCE or size + more > LARGEST_BYTES):
            yield people
            people, size = {}, 0
        people[person] = things
        size += more
    if people:
        yield people


def unfinished(rows: Iterable[LedgerRow], *, today: date) -> list[LedgerRow]:
    """Notifications with something still to come; what has been unknown for long stays unknown."""
    return [row for row in rows if row.pending and row.day >= today - UNFINISHED_WITHIN]
