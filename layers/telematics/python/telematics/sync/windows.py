"""From when to when events are asked for: a while that overlaps the last, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NotRequired, Self, TypedDict

from telematics.errors import InvalidRequest

OVERLAP = timedelta(days=1)
# Cameras without a network tell of their events late: once a day it is looked further back.
LOOKBACK = timedelta(days=3)
MOST_DAYS = 366

# Days, as YYYY-MM-DD; `from` is a word of Python's own.
Request = TypedDict("Request", {"from": NotRequired[str | None], "to": NotRequired[str | None]})


@dataclass(frozen=True)
class Window:
    """Whole seconds, both ends included."""

    first: datetime
    last: datetime

    @classmethod
    def asked_for(cls, request: Request, *, now: datetime) -> Self | None:
        """Whole days up to now; None where nobody has asked for any."""
        first, last = _day("from", request.get("from")), _day("to", request.get("to"))
        if first is None and last is None:
            return None
        end = min(last or now.date(), now.date())
        begin = first or end
        if begin > end:
            raise InvalidRequest(f"from={begin} is after to={end}: `from` comes first")
        if (end - begin).days >= MOST_DAYS:
            raise InvalidRequest(f"{begin} to {end} is too long: ask for at most {MOST_DAYS} days")
        return cls(_begin(begin), min(_end(end), _whole(now)))

    @classmethod
    def since(cls, reached: datetime | None, *, now: datetime, is_daily: bool) -> Self:
        """What may be new, where everything up to `reached` was asked for before."""
        back = now - LOOKBACK
        if reached is not None:
            back = min(back, reached - OVERLAP) if is_daily else reached - OVERLAP
        return cls(_whole(back), _whole(now))

    def left_from(self, moment: datetime | None) -> Self:
        """What of it is left from that moment on."""
        first = self.first if moment is None else max(self.first, _whole(moment))
        return type(self)(first, self.last)

    def by_day(self) -> "Iterator[Window]":
        """Each within one day, UTC."""
        first = self.first
        while first <= self.last:
            yield Window(first, min(self.last, _end(first.date())))
            first = _begin(first.date() + timedelta(days=1))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _end(day: date) -> datetime:
    return _begin(day + timedelta(days=1)) - timedelta(seconds=1)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _day(name: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            return date.fromisoformat(text)
    except ValueError:
        pass  # spelt well, but not in the calendar
    raise InvalidRequest(f"{name} is not a day: write it as YYYY-MM-DD, like 2023-06-04")
