"""Ids of trips: there and back, sorted by time, and spelt in one way everywhere."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import InvalidRequest
from telematics.providers.move.trip_id import TripId
from telematics.raw import RawKey

MOMENT = datetime(2020, 10, 16, 10, 13, tzinfo=UTC)
EXAMPLE = TripId(MOMENT, "1000", "123456789")

YEAR = 366 * 24 * 3600 * 10**6  # in microseconds
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
distances = st.integers(-2000 * YEAR, 7000 * YEAR) | st.integers(0, 2_000_000)
moments = st.builds(
    lambda micro, zone: (MOMENT + timedelta(microseconds=micro)).astimezone(zone), distances, zones
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
trips = st.builds(TripId, moments, names, names)


def test_an_id_is_start_product_and_contract() -> None:
    assert str(EXAMPLE) == "20201016T101300.000Z-1000-123456789"
    assert TripId.parse("20201016T101300.000Z-1000-123456789") == EXAMPLE


def test_milliseconds_stand_before_the_z_and_microseconds_after_it() -> None:
    finer = TripId(MOMENT + timedelta(microseconds=377_120), "1000", "a")
    assert str(finer) == "20201016T101300.377Z120-1000-a"


@given(trips)
def test_every_id_can_be_read_back(trip: TripId) -> None:
    assert TripId.parse(str(trip)) == trip
    assert str(TripId.parse(str(trip))) == str(trip)


@given(trips, trips)
def test_ids_sort_by_start(one: TripId, other: TripId) -> None:
    if one.start < other.start:
        assert str(one) < str(other)


@given(trips)
def test_an_id_is_spelt_alike_in_urls_and_keys(trip: TripId) -> None:
    assert quote(str(trip), safe="") == str(trip)
    key = RawKey("move", "timeline_items", MOMENT.date(), str(trip), "json.gz")
    assert RawKey.parse(str(key)) == key


@given(trips, trips)
def test_two_trips_never_share_an_id(one: TripId, other: TripId) -> None:
    assert (str(one) == str(other)) == (one == other)


def test_what_would_mean_something_in_an_address_is_escaped() -> None:
    odd = TripId(MOMENT, "a-b", "x|y/z?%7C~ü")
    assert str(odd) == "20201016T101300.000Z-a~2Db-x~7Cy~2Fz~3F~257C~7E~C3~BC"
    assert TripId.parse(str(odd)) == odd


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trip",
        "20201016T101300Z-1000-1",
        "20201016T101300.000Z-1000-",
        "20201016T101300.000Z--1",
        "20201316T101300.000Z-1000-1",
        "20201016T101360.000Z-1000-1",
        "20201016T101300.000Z000-1000-1",
        "20201016T101300.000Z-1000-a|b",
        "20201016T101300.000Z-1000-a%7Cb",
        "20201016T101300.000Z-1000-a~7cb",
        "20201016T101300.000Z-1000-a~zz",
        "20201016T101300.000Z-1000-~FF",
        "20201016T101300.000Z-1000-1\n",
        "\u0662\u0660\u0662\u06601016T101300.000Z-1000-1",
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"not the id of a trip|begins with no moment"):
        TripId.parse(text)


def test_what_is_no_id_is_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as caught:
        TripId.parse("driver-17's trip")
    assert "driver-17" not in str(caught.value)


def test_paths_get_whole_seconds_with_the_fraction_cut_off() -> None:
    assert TripId(datetime(2022, 4, 12, 16, 25, tzinfo=UTC), "1", "a").seconds == 1649780700
    late = datetime(2022, 4, 12, 16, 25, 0, 999_999, UTC)
    assert TripId(late, "1", "a").seconds == 1649780700


@pytest.mark.parametrize(
    ("micro", "spelt"),
    [
        (0, "2020-10-16T10:13:00Z"),
        (377_000, "2020-10-16T10:13:00.377Z"),
        (377_120, "2020-10-16T10:13:00.377120Z"),
    ],
)
def test_bodies_get_the_start_with_the_fraction_it_has(micro: int, spelt: str) -> None:
    vienna = timezone(timedelta(hours=2))
    start = (MOMENT + timedelta(microseconds=micro)).astimezone(vienna)
    assert TripId(start, "1", "a").rfc3339 == spelt
