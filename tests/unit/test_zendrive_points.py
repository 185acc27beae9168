"""Points by the thousand become Arrow as a whole; only what is odd is looked at one by one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.providers.zendrive import points, records
from telematics.providers.zendrive.points import MOTION, RAW_GPS, Points, Series
from tests.unit.zendrive_answers import told

START = 1700931431685
GOOD = {
    "course": 268.0,
    "horizontal_accuracy": 36,
    "latitude": -1.0,
    "longitude": -1,
    "timestamp": START,
    "raw_speed_mps": 18.3,
    "heading": -1.0,
    "date_time": "2023-11-25T10:57:11-06:00",
}
ROW = {
    "time": datetime(2023, 11, 25, 16, 57, 11, 685_000, tzinfo=UTC),
    "utc_offset_minutes": -360,
    "latitude": -1.0,
    "longitude": -1.0,
    "course_degrees": 268.0,
    "heading_degrees": None,
    "horizontal_accuracy_m": 36.0,
    "speed_mps": 18.3,
}


def read(*given: object, series: Series = RAW_GPS) -> Points:
    return points.read(series, json.dumps(given).encode())


def rows(found: Points) -> list[dict[str, Any]]:
    return [
        {name: cell for name, cell in row.items() if cell is not None or name in ROW}
        for row in found.rows.to_pylist()
    ]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one of them may become an object of Python."""

    def refuse(*_: object) -> list[msgspec.Raw]:
        raise AssertionError("points were taken apart")

    monkeypatch.setattr(records, "elements", refuse)


@pytest.mark.usefixtures("at_once")
def test_points_are_rows_without_being_taken_apart() -> None:
    found = read(*([GOOD] * 5_000))
    assert (found.rows.num_rows, found.unreadable) == (5_000, ())
    assert rows(found)[0] == ROW


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("told", "text"),
    [
        (5, "5"),
        (0.25, "0.25"),
        (True, "true"),
        ("word", "word"),
        ("NA", None),
        ("", None),
        (None, None),
        ("2023-11-25 10:57:11", "2023-11-25 10:57:11"),
        ("2023-11-25", "2023-11-25"),
    ],
)
def test_a_member_that_nobody_declared_is_text_without_that(told: object, text: str | None) -> None:
    first, second = rows(read(GOOD, {**GOOD, "floor.Level": told}))
    assert first == ROW
    assert second == (ROW if text is None else {**ROW, "floor_level": text})


@pytest.mark.parametrize(
    ("told", "text"), [({"a": [1.50]}, '{"a":[1.5]}'), ([1, 2], "[1,2]"), ({}, None), ([], None)]
)
def test_a_nested_member_that_nobody_declared_is_json(told: object, text: str | None) -> None:
    [row] = rows(read({**GOOD, "satellites": told}))
    assert row == (ROW if text is None else {**ROW, "satellites": text})


def test_a_member_with_the_name_of_one_of_our_columns_has_another() -> None:
    [row] = rows(read({**GOOD, "day": 1, "time": "x", "source": "gps"}))
    assert (row["provider_day"], row["provider_time"], row["provider_source"]) == ("1", "x", "gps")


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("clock", "minutes"),
    [
        ("2023-11-25T10:57:11-06:00", -360),
        ("2023-11-25T10:57:11.123456+05:30", 330),
        ("2023-11-25T10:57:11Z", 0),
        ("2023-11-25T10:57:11+0530", 330),
        ("2023-11-25T10:57:11", None),
        ("2023-11-25", None),
        ("", None),
        (None, None),
    ],
)
def test_the_offset_is_that_of_the_places_clocks(clock: str | None, minutes: int | None) -> None:
    [row] = rows(read({**GOOD, "date_time": clock}))
    assert row == {**ROW, "utc_offset_minutes": minutes}


def test_the_epoch_counts_and_without_it_what_the_clocks_show() -> None:
    later = {**GOOD, "date_time": "2023-11-25T11:00:00-06:00"}
    first, second = rows(read(later, {**later, "timestamp": None}))
    assert first["time"] == ROW["time"]
    assert second["time"] == datetime(2023, 11, 25, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"timestamp": None, "date_time": None}, "time: missing"),
        ({"timestamp": "soon"}, "timestamp: no timestamp"),
        ({"timestamp": -5}, "timestamp: no timestamp"),
        ({"timestamp": 10**15}, "timestamp: no timestamp"),
        ({"timestamp": 10**30}, "timestamp: no timestamp"),
        ({"timestamp": None, "date_time": "2023-11-25T10:57:11"}, "timestamp: no timestamp"),
        ({"latitude": 90.5}, "latitude: not on this planet"),
        ({"longitude": -180.5, "latitude": -91}, "latitude, longitude: not on this planet"),
        ({"latitude": "NA"}, "latitude: missing"),
        ({"latitude": "north"}, "latitude: no number"),
        ({"raw_speed_mps": [1]}, "raw_speed_mps: no number"),
        ({"course": True}, "course: no number"),
    ],
)
def test_a_point_that_cannot_be_read_is_named_and_the_others_are_rows(
    changed: dict[str, object], reason: str
) -> None:
    found = read(GOOD, {**GOOD, **changed}, {**GOOD, "timestamp": START + 1000})
    assert [row["time"].second for row in rows(found)] == [11, 12]
    [bad] = found.unreadable
    assert (bad.place, bad.reason) == (2, f"raw_gps: {reason}")
    assert json.loads(bad.content) == {**GOOD, **changed}


@pytest.mark.parametrize("odd", [None, 5, "x", [GOOD]])
def test_what_is_no_point_at_all_is_named(odd: object) -> None:
    found = read(GOOD, odd)
    assert rows(found) == [ROW]
    assert [one.place for one in found.unreadable] == [2]


@pytest.mark.parametrize(
    "changed",
    [
        {"timestamp": f"{START}"},
        {"timestamp": float(START)},
        {"raw_speed_mps": "18.3"},
        {"heading": "NA"},
        {"heading": {}},
        {"heading": "-1"},
    ],
)
def test_odd_spellings_of_a_point_are_the_same_point(changed: dict[str, object]) -> None:
    found = read(GOOD, {**GOOD, **changed})
    assert (rows(found), list(found.unreadable)) == ([ROW, ROW], [])


def test_a_member_that_is_told_twice_counts_once() -> None:
    content = json.dumps([GOOD]).replace('"course": 268.0', '"course": 1, "course": 268.0')
    assert rows(points.read(RAW_GPS, content.encode())) == [ROW]


@pytest.mark.parametrize("content", [b"5", b'{"timestamp":1}', b'"x"', b"[", b""])
def test_what_is_no_list_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedPayload, match=r"not (a JSON array|JSON)$"):
        points.read(RAW_GPS, content)


def test_no_points_are_no_rows() -> None:
    assert read().rows.num_rows == 0


def test_an_acceleration_of_minus_one_is_one() -> None:
    sample = told()["trip_info"][1]["collision_info"]["motion"][0]
    found = read({**sample, "acceleration_R": -1.0}, series=MOTION)
    assert [row["acceleration_g"] for row in found.rows.to_pylist()] == [-1.0]


SPELT: dict[str, Callable[[float], object]] = {
    "as numbers": lambda number: number,
    "as texts": lambda number: f"{number!r}",
}
NUMBERS = st.floats(min_value=-90, max_value=90)


@given(values=st.lists(NUMBERS, min_size=1), moment=st.integers(0, 253_402_300_799_999))
def test_both_ways_to_read_say_the_same(values: list[float], moment: int) -> None:
    whole, apart = (
        read(*({**GOOD, "timestamp": moment, "raw_speed_mps": spelt(one)} for one in values))
        for spelt in SPELT.values()
    )
    assert whole.rows.to_pylist() == apart.rows.select(whole.rows.column_names).to_pylist()
