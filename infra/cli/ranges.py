"""Ranges of offload days, as they are asked for on the command line."""

import re
from datetime import UTC, date, datetime, timedelta

from infra.cli.exits import BadInput
from telematics.offloads.period import LOOKBACK_DAYS, Period

MOST_DAYS = 3_660
OLDEST = date(2000, 1, 1)
_DAY = timedelta(days=1)
_SPELLING = re.compile(r"\d{4}-\d{2}-\d{2}")


def complete_days(
    from_: str | None, to: str | None, *, days: int | None = None, today: date
) -> Period:
    """Days that can be fetched: those that are over, the last three unless told otherwise."""
    _check_number(days, from_)
    yesterday = today - _DAY
    last = _day("--to", to) or yesterday
    first = _day("--from", from_) or last - _DAY * ((days or LOOKBACK_DAYS) - 1)
    for option, day in (("--to", last), ("--from", first)):
        if day > yesterday:
            raise BadInput(
                f"{option} {day}: that day is not over yet (days are UTC);"
                f" the last complete one is {yesterday}"
            )
    chosen = _ordered(first, last)
    if len(chosen) > MOST_DAYS:
        raise BadInput(f"{chosen} is {len(chosen):,} days: fetch at most {MOST_DAYS:,} at a time")
    return chosen


def days_until_now(
    from_: str | None, to: str | None, *, days: int | None = None, today: date
) -> dict[str, str]:
    """As `from` and `to`, where something is said of them; the day that is going on is no less."""
    _check_number(days, from_)
    last, first = _day("--to", to), _day("--from", from_)
    if days is not None:
        first = (last or today) - _DAY * (days - 1)
    for option, day in (("--to", last), ("--from", first)):
        if day and day > today:
            raise BadInput(f"{option} {day}: that day has not begun; today is {today} (UTC)")
    if first:
        _ordered(first, last or today)
    chosen = {"from": first, "to": last}
    return {name: day.isoformat() for name, day in chosen.items() if day}


def instant(option: str, text: str, *, now: datetime) -> datetime:
    """A moment that is over; a time without its zone is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(
            f"{option} {text!r} is no time with its zone: write it like 2023-06-04T10:13:00Z"
        )
    if found > now:
        raise BadInput(f"{option} {text}: that is still to come; now is {now:%Y-%m-%dT%H:%M:%SZ}")
    return found.astimezone(UTC)


def _check_number(days: int | None, from_: str | None) -> None:
    if days is not None and from_ is not None:
        raise BadInput("--days and --from exclude each other: give one of them")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadInput(f"--days {days}: give a number from 1 to {MOST_DAYS}")


def any_days(from_: str | None, to: str | None) -> Period | None:
    """The days that are asked about; None for all of them."""
    if from_ is None and to is None:
        return None
    return _ordered(_day("--from", from_) or OLDEST, _day("--to", to) or date.max)


def _ordered(first: date, last: date) -> Period:
    if first > last:
        raise BadInput(
            f"--from {first} is after --to {last}: did you mean --from {last} --to {first}?"
        )
    return Period(first, last)


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    if not _SPELLING.fullmatch(text):
        raise BadInput(f"{option} {text!r} is no day: write it as YYYY-MM-DD, like 2023-06-04")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{option} {text}: there is no such day in the calendar") from error
    if day < OLDEST:
        raise BadInput(f"{option} {text}: no data is that old; is the year right?")
    return day
