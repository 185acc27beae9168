"""Which days are fetched, and what is said about days that can't be."""

from datetime import date

import pytest

from telematics.errors import InvalidRequest
from telematics.offloads.period import Period

TODAY = date(2023, 6, 5)


def test_the_last_three_complete_days_unless_told_otherwise() -> None:
    wanted = Period(date(2023, 6, 2), date(2023, 6, 4))

    assert Period.asked_for(None, None, today=TODAY) == wanted
    assert Period.asked_for("", "", today=TODAY) == wanted
    assert Period.asked_for("2023-06-02", None, today=TODAY) == wanted
    assert Period.asked_for(None, "2023-06-04", today=TODAY) == wanted
    assert len(Period.asked_for("2023-06-01", "2023-06-01", today=TODAY)) == 1


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (None, "2023-06-05", "to=2023-06-05 is not over yet .*last complete day is 2023-06-04"),
        ("2023-06-05", None, "from=2023-06-05 is after to=2023-06-04"),
        ("2023-06-03", "2023-06-01", "from=2023-06-03 is after to=2023-06-01"),
        ("2022-06-01", "2023-06-02", "are 367 days: ask for at most 366"),
        ("4.6.2023", None, "from=4.6.2023 is not a day: write it as YYYY-MM-DD"),
        ("20230604", None, "is not a day"),
        (None, "2023-02-30", "to=2023-02-30 is not a day"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_what_can(
    first: str | None, last: str | None, reason: str
) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        Period.asked_for(first, last, today=TODAY)


def test_a_long_period_is_asked_for_in_windows() -> None:
    period = Period(date(2023, 1, 1), date(2023, 12, 31))

    windows = list(period.windows(31))

    assert [day for window in windows for day in window] == list(period)
    assert max(len(window) for window in windows) == 31
    assert len(windows) == 12
