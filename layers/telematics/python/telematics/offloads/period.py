"""Which days to fetch: whole ones that are over, asked for in windows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from telematics.errors import InvalidRequest

LOOKBACK_DAYS = 3  # late uploads and republished files
WINDOW_DAYS = 31
MOST_DAYS = 366
_ONE = timedelta(days=1)
_SPELLING = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Period:
    """Offload days, both ends included."""

    first: date
    last: date

    @classmethod
    def asked_for(cls, first: str | None, last: str | None, *, today: date) -> Self:
        """The last three complete days, unless told otherwise. `today` is the day in UTC."""
        yesterday = today - _ONE
        end = _day("to", last) or yesterday
        begin = _day("from", first) or end - _ONE * (LOOKBACK_DAYS - 1)
        if end > yesterday:
            raise InvalidRequest(
                f"to={end} is not over yet (days are UTC): the last complete day is {yesterday}"
            )
        if begin > end:
            raise InvalidRequest(
                f"from={begin} is after to={end}: `from` comes first; the last day is {yesterday}"
            )
        period = cls(begin, end)
        if len(period) > MOST_DAYS:
            raise InvalidRequest(
                f"{begin} to {end} are {len(period)} days: ask for at most {MOST_DAYS} at once"
            )
        return period

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + _ONE * number for number in range(len(self)))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def windows(self, days: int = WINDOW_DAYS) -> "Iterator[Period]":
        first = self.first
        while first <= self.last:
            window = Period(first, min(self.last, first + _ONE * (days - 1)))
            yield window
            first = window.last + _ONE


def _day(name: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        if _SPELLING.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # spelt well, but not in the calendar
    raise InvalidRequest(f"{name}={text} is not a day: write it as YYYY-MM-DD, like 2023-06-04")
