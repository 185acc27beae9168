"""JSON files: lines, arrays, and objects that span lines."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import json_file
from telematics.columns import BadRow
from telematics.datasets import Dataset, number, text, timestamp
from telematics.errors import MalformedPayload

CRASHES = Dataset("crash_insights", (text("reportId"), timestamp("processingTime"), number("x")))


def read(content: bytes) -> tuple[list[dict[str, Any]], list[BadRow]]:  # Any: a row's values
    rows: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    for chunk in json_file.chunks(io.BufferedReader(io.BytesIO(content)), CRASHES):
        rows += chunk.rows.to_pylist()
        bad += chunk.bad
    return rows, bad


def test_members_become_columns_and_what_is_nested_stays_json() -> None:
    rows, bad = read(b'{"userId": "u1", "crashEvent": {"deltaV": 12.50}, "speeding": true, "n": 1}')
    assert bad == []
    assert rows == [
        {
            "provider_user_id": "u1",
            "crashevent": '{"deltaV": 12.50}',
            "speeding": "true",
            "n": "1",
        }
    ]


def test_declared_members_are_typed() -> None:
    rows, _ = read(b'{"reportId": "r1", "processingTime": 1544230000000, "x": null}')
    assert rows[0]["processingtime"].isoformat() == "2018-12-08T00:46:40+00:00"
    assert rows[0]["x"] is None


def test_a_bad_line_is_kept_and_the_others_load() -> None:
    rows, bad = read(b'{"reportId": "r1"}\n\n{"reportId": \n[1]\n{"x": "far"}\n{"x": 2}\n')
    assert [row.get("x") for row in rows] == [None, 2.0]
    assert {(row.line, row.content.strip()) for row in bad} == {
        (3, '{"reportId":'),
        (4, "[1]"),
        (5, '{"x": "far"}'),
    }


def test_a_first_line_that_is_bad_does_not_cost_the_file() -> None:
    rows, bad = read(b'{"reportId": \n{"reportId": "r2"}\n')
    assert [row["reportid"] for row in rows] == ["r2"]
    assert [row.line for row in bad] == [1]


@pytest.mark.parametrize(
    "content",
    [
        '[{"reportId": "é1"}, {"reportId": "r2"}]',
        '[\n  {"reportId": "é1"},\n  {"reportId": "r2"}\n]\n',
        '{\n  "reportId": "é1"\n}\n{\n  "reportId": "r2"\n}\n',
    ],
)
def test_arrays_and_objects_over_several_lines_are_read_too(content: str) -> None:
    rows, bad = read(content.encode())
    assert [row["reportid"] for row in rows] == ["é1", "r2"]
    assert bad == []


def test_an_array_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(MalformedPayload, match="after 1 values"):
        read(b'[{"reportId": "r1"}, {"repor')


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]"])
def test_a_file_without_records_is_no_mistake(content: bytes) -> None:
    assert read(content) == ([], [])


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(min_size=1), min_size=1)))
def test_lines_and_array_say_the_same(records: list[dict[str, str]]) -> None:
    lines = "\n".join(json.dumps(record) for record in records).encode()
    array = json.dumps(records).encode()
    expected = [[record.get(name) for name in "abc"] for record in records]
    for content in (lines, array):
        rows, bad = read(content)
        assert [[row.get(name) for name in "abc"] for row in rows] == expected
        assert bad == []
