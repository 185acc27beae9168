"""Ranges of offload days, as they are asked for on the command line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from infra.cli.exits import BadInput

DEFAULT_DAYS = 3
MOST_DAYS = 3_660
_DAY = timedelta(days=1)
_SPELLING = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class DayRange:
    """Whole days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.first != self.last else str(self.first)

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + _DAY * number for number in range(len(self)))

    def chunks(self, days: int) -> Iterator["DayRange"]:
        first = self.first
        while first <= self.last:
            last = min(self.last, first + _DAY * (days - 1))
            yield DayRange(first, last)
            first = last + _DAY


def complete_days(
    from_: str | None, to: str | None, *, days: int | None = None, today: date
) -> DayRange:
    """Days that can be fetched: those that are over, the last three unless told otherwise."""
    if days is not None and from_ is not None:
        raise BadInput("--days and --from exclude each other: give one of them")
    if days is not None and days < 1:
        raise BadInput(f"--days {days}: at least 1 day is needed")
    yesterday = today - _DAY
    last = _day("--to", to) or yesterday
    first = _day("--from", from_) or last - _DAY * ((days or DEFAULT_DAYS) - 1)
    for option, day in (("--from", first), ("--to", last)):
        if day > yesterday:
            raise BadInput(
                f"{option} {day}: that day is not over yet (days are UTC);"
                f" the last complete one is {yesterday}"
            )
    return _ordered(first, last)


def any_days(from_: str | None, to: str | None) -> DayRange | None:
    """The days that are asked about; None for all of them."""
    if from_ is None and to is None:
        return None
    return _ordered(_day("--from", from_) or date.min, _day("--to", to) or date.max)


def _ordered(first: date, last: date) -> DayRange:
    if first > last:
        raise BadInput(
            f"--from {first} is after --to {last}: did you mean --from {last} --to {first}?"
        )
    return DayRange(first, last)


def fetchable(days: DayRange) -> DayRange:
    if len(days) > MOST_DAYS:
        raise BadInput(
            f"{days} is {len(days):,} days: fetch at most {MOST_DAYS:,} (ten years) at a time"
        )
    return days


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    if not _SPELLING.fullmatch(text):
        raise BadInput(f"{option} {text!r} is no day: write it as YYYY-MM-DD, like 2023-06-04")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{option} {text}: there is no such day in the calendar") from error
