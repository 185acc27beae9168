"""Days on the command line: sensible ones are taken, others are refused with what is right."""

from datetime import date

import pytest

from infra.cli.exits import BadInput
from infra.cli.ranges import any_days, complete_days
from telematics.offloads.period import Period

TODAY = date(2023, 6, 10)


@pytest.mark.parametrize(
    ("from_", "to", "days", "expected"),
    [
        (None, None, None, Period(date(2023, 6, 7), date(2023, 6, 9))),
        (None, None, 7, Period(date(2023, 6, 3), date(2023, 6, 9))),
        ("2023-06-01", None, None, Period(date(2023, 6, 1), date(2023, 6, 9))),
        (None, "2023-06-05", None, Period(date(2023, 6, 3), date(2023, 6, 5))),
        (None, "2023-06-05", 1, Period(date(2023, 6, 5), date(2023, 6, 5))),
        ("2023-06-09", "2023-06-09", None, Period(date(2023, 6, 9), date(2023, 6, 9))),
    ],
)
def test_what_is_not_said_is_the_last_complete_days(
    from_: str | None, to: str | None, days: int | None, expected: Period
) -> None:
    assert complete_days(from_, to, days=days, today=TODAY) == expected


@pytest.mark.parametrize(
    ("from_", "to", "days", "message"),
    [
        ("2023-06-05", "2023-06-04", None, "did you mean --from 2023-06-04 --to 2023-06-05"),
        ("2023-06-10", None, None, "the last complete one is 2023-06-09"),
        (None, "2024-01-01", None, "--to 2024-01-01: that day is not over yet"),
        ("4.6.2023", None, None, "like 2023-06-04"),
        ("20230604", None, None, "like 2023-06-04"),
        ("2023-02-30", None, None, "no such day in the calendar"),
        ("0023-06-04", None, None, "is the year right"),
        ("2001-06-04", None, None, "fetch at most"),
        ("2023-06-04", None, 3, "exclude each other"),
        (None, None, 0, "from 1 to"),
        (None, None, 10**12, "from 1 to"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(
    from_: str | None, to: str | None, days: int | None, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        complete_days(from_, to, days=days, today=TODAY)


def test_status_may_be_asked_about_any_days() -> None:
    assert any_days(None, None) is None
    assert any_days("2030-01-01", None) == Period(date(2030, 1, 1), date.max)
    with pytest.raises(BadInput, match="is after"):
        any_days("2023-06-05", "2023-06-04")
