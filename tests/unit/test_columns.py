"""Text becomes typed columns, and what can't is named."""

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import columns
from telematics.datasets import Column, Dataset, Kind, number, text, timestamp

START = timestamp("start")
START_DAY = date(2022, 6, 26)
NOON = datetime(2022, 6, 26, 12, tzinfo=UTC)
SCORE = number("smooth", missing=(-1.0,))


def convert(column: Column, *cells: str | None) -> tuple[list[object], columns.Reasons]:
    array = pa.array([None if cell is None else cell.encode() for cell in cells], pa.binary())
    rows, reasons = columns.typed([column], [array])
    return rows.column(0).to_pylist(), reasons


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2022-06-26T18:41:18+01:00", datetime(2022, 6, 26, 17, 41, 18, tzinfo=UTC)),
        ("2022-06-26T18:41:18.123-05:30", datetime(2022, 6, 27, 0, 11, 18, 123000, tzinfo=UTC)),
        ("2022-06-26T18:41:18.123456Z", datetime(2022, 6, 26, 18, 41, 18, 123456, tzinfo=UTC)),
        ("1544230000000", datetime(2018, 12, 8, 0, 46, 40, tzinfo=UTC)),
        ("1.54423E+12", datetime(2018, 12, 8, 0, 46, 40, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_however_it_is_spelt(written: str, meant: datetime) -> None:
    assert convert(START, written) == ([meant], {})


def test_spellings_of_an_instant_may_differ_from_row_to_row() -> None:
    values, reasons = convert(START, "2022-06-26T18:41:18+01:00", "1.54423E+12", "tomorrow", None)
    assert values == [
        datetime(2022, 6, 26, 17, 41, 18, tzinfo=UTC),
        datetime(2018, 12, 8, 0, 46, 40, tzinfo=UTC),
        None,
    ]
    assert reasons == {2: "start: no timestamp: 'tomorrow'"}


def test_minus_one_is_missing_only_where_the_reference_says_so() -> None:
    assert convert(SCORE, "-1", "-1.000000", "-0.045", "0.5")[0] == [None, None, -0.045, 0.5]
    assert convert(number("distance"), "-1")[0] == [-1.0]


def test_one_bad_cell_among_many_costs_its_row_alone() -> None:
    cells = [f"0.{n:04d}" for n in range(5000)]
    cells[1234] = "n/a"
    values, reasons = convert(SCORE, *cells)
    assert len(values) == 4999
    assert reasons == {1234: "smooth: no number: 'n/a'"}


def test_text_that_is_not_utf8_is_a_bad_cell() -> None:
    rows, reasons = columns.typed([text("mode")], [pa.array([b"car", b"caf\xe9"], pa.binary())])
    assert rows.to_pylist() == [{"mode": "car"}]
    assert list(reasons) == [1]


def test_an_integer_may_be_spelt_as_a_number_but_not_as_a_fraction() -> None:
    column = Column("line", Kind.INTEGER, "line")
    assert convert(column, "3", "4.0", "2.5") == ([3, 4], {2: "line: no integer: '2.5'"})


def test_a_truth_value_may_be_spelt_in_any_case_and_is_nothing_else() -> None:
    cells = ("true", "False", "TRUE", "1", "0", None, "yes", "2")
    values, reasons = convert(Column("tagged", Kind.BOOLEAN, "tagged"), *cells)
    assert values == [True, False, True, True, False, None]
    assert reasons == {6: "tagged: no boolean: 'yes'", 7: "tagged: no boolean: '2'"}


def test_what_is_the_same_for_all_rows_stands_beside_each() -> None:
    rows = pa.table({"speed": [1.5, 2.5], "day": ["Monday", "Tuesday"]})
    given = {"day": START_DAY, "raw_key": "x", "at": NOON, "absent": None}
    found = columns.beside(rows, given)
    assert found.to_pylist() == [{"speed": one, **given} for one in (1.5, 2.5)]
    assert found.schema.field("at").type == columns.INSTANT
    assert columns.beside(rows.slice(0, 0), given).num_rows == 0


def test_undeclared_columns_keep_the_providers_spelling_as_sql_can_say_it() -> None:
    plan = columns.plan(["duration(s)", "location.significance", "day", "DAY", ""], Dataset("x"))
    assert [column.name for column in plan] == [
        "duration_s",
        "location_significance",
        "provider_day",
        "provider_day_2",
        "unnamed",
    ]
    assert {column.kind for column in plan} == {Kind.TEXT}


def test_the_person_is_found_under_any_of_the_datasets_spellings() -> None:
    plan = columns.plan(["userId", "smooth"], Dataset("x", columns=(SCORE,)))
    assert [column.name for column in plan] == ["provider_user_id", "smooth"]


@given(
    instant=st.datetimes(
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001  # hypothesis wants naive limits
        max_value=datetime(2090, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
    ),
    digits=st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_an_instant_survives_being_written_and_read(instant: datetime, digits: str) -> None:
    written = instant.isoformat(timespec=digits)
    assert convert(START, written) == ([datetime.fromisoformat(written).astimezone(UTC)], {})


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50))
def test_numbers_survive_being_written_and_read(numbers: list[float]) -> None:
    assert convert(number("x"), *map(repr, numbers)) == (numbers, {})
