"""Moments as text sort as they follow each other."""

from datetime import UTC, datetime, timedelta, timezone

from telematics.moments import stamp

NOW = datetime(2023, 6, 5, 6, tzinfo=UTC)


def test_stamps_sort_as_the_moments_do() -> None:
    moments = [NOW, NOW + timedelta(microseconds=1000), NOW + timedelta(seconds=1)]
    stamps = [stamp(moment) for moment in moments]
    assert stamps == sorted(stamps)
    assert stamps[0] == "2023-06-05T06:00:00.000Z"


def test_a_stamp_is_the_same_wherever_the_clock_was_read() -> None:
    berlin = timezone(timedelta(hours=2))
    assert stamp(NOW.astimezone(berlin)) == stamp(NOW)
