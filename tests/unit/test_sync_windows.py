"""From when to when: what may be new, with an overlap, or the days that somebody names."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import InvalidRequest
from telematics.sync.windows import Window

NOW = datetime(2024, 3, 5, 12, 30, 15, 600_000, UTC)
SECOND = timedelta(seconds=1)


def moment(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, minute, second, tzinfo=UTC)


def test_the_first_run_looks_three_days_back() -> None:
    window = Window.since(None, now=NOW, is_daily=True)
    assert window == Window(moment(2, 12, 30, 15), moment(5, 12, 30, 15))


def test_a_run_overlaps_the_last_by_a_day() -> None:
    window = Window.since(moment(5, 11), now=NOW, is_daily=False)
    assert window == Window(moment(4, 11), moment(5, 12, 30, 15))


def test_once_a_day_it_looks_further_back() -> None:
    assert Window.since(moment(5, 11), now=NOW, is_daily=True).first == moment(2, 12, 30, 15)
    assert Window.since(moment(1, 11), now=NOW, is_daily=True).first < moment(1)


def test_nobody_has_asked_for_days() -> None:
    assert Window.asked_for({}, now=NOW) is None
    assert Window.asked_for({"from": None, "to": ""}, now=NOW) is None


def test_days_are_whole_and_end_now() -> None:
    asked = Window.asked_for({"from": "2024-03-01", "to": "2024-03-02"}, now=NOW)
    assert asked == Window(moment(1), moment(2, 23, 59, 59))
    assert Window.asked_for({"from": "2024-03-04", "to": "2024-03-09"}, now=NOW) == Window(
        moment(4), moment(5, 12, 30, 15)
    )


def test_one_day_may_be_named_alone() -> None:
    assert Window.asked_for({"to": "2024-03-02"}, now=NOW) == Window(
        moment(2), moment(2, 23, 59, 59)
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-03-03", "2024-03-02"),
        ("2024-03-06", None),
        ("2020-01-01", "2024-03-02"),
        ("20240301", None),
        ("2024-02-30", None),
        ("yesterday!", None),
    ],
)
def test_days_that_make_no_sense_are_refused(first: str, last: str | None) -> None:
    with pytest.raises(InvalidRequest):
        Window.asked_for({"from": first, "to": last}, now=NOW)


@given(
    st.datetimes(datetime(2023, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(0), timedelta(days=5)),
)
def test_days_make_up_the_whole_without_gap_or_overlap(first: datetime, length: timedelta) -> None:
    window = Window(first.replace(microsecond=0), (first + length).replace(microsecond=0))
    parts = list(window.by_day())
    assert (parts[0].first, parts[-1].last) == (window.first, window.last)
    assert all(one.first.date() == one.last.date() for one in parts)
    assert all(one.last + SECOND == other.first for one, other in pairwise(parts))
