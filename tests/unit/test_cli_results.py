"""Answers as tables, CSV and JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli import results
from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.results import Format, plain

CET = timezone(timedelta(hours=1))


def answer(*rows: Row, columns: tuple[str, ...] = ("a", "b")) -> Answer:
    return Answer(columns, iter(rows))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("12"), 12),
        (Decimal("1.50"), 1.5),
        (Decimal("NaN"), None),
        (float("nan"), None),
        (float("inf"), None),
        (datetime(2023, 6, 4, 12, tzinfo=UTC), "2023-06-04T12:00:00Z"),
        (datetime(2023, 6, 4, 12, 0, 0, 5, tzinfo=CET), "2023-06-04T11:00:00.000005Z"),
        (datetime(2023, 6, 4, 12), "2023-06-04T12:00:00"),  # noqa: DTZ001  # SQL has such too
        (date(2023, 6, 4), "2023-06-04"),
        (timedelta(minutes=2), 120.0),
        (b"\x00\xff", "AP8="),
        ({"a": [Decimal("1"), float("nan")]}, {"a": [1, None]}),
        (True, True),
    ],
)
def test_values_are_written_as_json_has_them(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


NUMBERS = st.floats() | st.decimals(-(10**38), 10**38)


@settings(max_examples=50)
@given(st.recursive(NUMBERS | st.datetimes() | st.binary() | st.none(), st.lists))
def test_every_value_can_be_written(value: object) -> None:
    assert json.dumps(plain(value), allow_nan=False)


def test_json_is_a_list_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    results.write(answer((1, "é"), (None, 'q"')), Format.JSON)
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "b": "é"}, {"a": None, "b": 'q"'}]


@pytest.mark.parametrize(("format_", "expected"), [(Format.JSON, "[]\n"), (Format.CSV, "a,b\n")])
def test_no_rows_are_still_an_answer(
    format_: Format, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results.write(answer(), format_)
    assert capsys.readouterr().out == expected


def test_csv_quotes_what_needs_it(capsys: pytest.CaptureFixture[str]) -> None:
    results.write(answer((None, 'a "b", c\nd'), (True, [1, 2])), Format.CSV)
    assert capsys.readouterr().out == 'a,b\n,"a ""b"", c\nd"\ntrue,"[1, 2]"\n'


def test_csv_is_written_while_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[Row]:
        yield (1, 2)
        assert "1,2" in capsys.readouterr().out
        yield (3, 4)

    results.write(Answer(("a", "b"), rows()), Format.CSV)
    assert "3,4" in capsys.readouterr().out


def test_a_table_in_a_pipe_is_plain_and_uncut(capsys: pytest.CaptureFixture[str]) -> None:
    results.write(answer(("x" * 190, 1.5), ("y[red]", 2)), Format.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["a", "b"]
    assert "x" * 190 in lines[1]
    assert lines[2].split() == ["y[red]", "2"]


def test_a_long_table_ends_with_how_to_get_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    results.write(Answer(("n",), iter([(n,) for n in range(1_500)])), Format.TABLE)
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1_001
    assert "--format csv" in shown.err


def test_names_that_repeat_are_numbered() -> None:
    assert distinct(["a", "a", "a_2", "b"]) == ("a", "a_2", "a_2_2", "b")
