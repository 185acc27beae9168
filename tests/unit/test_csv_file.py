"""CSV files as the offloads really come."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import csv_file
from telematics.columns import BadRow
from telematics.datasets import Dataset, number
from telematics.reading import ReadAgain, Reading

READING = Reading()
TRIPS = Dataset("transports", (number("distance", "distance_m"),))


def read(
    content: bytes, reading: Reading = READING
) -> tuple[list[dict[str, object]], list[BadRow]]:
    rows: list[dict[str, object]] = []
    bad: list[BadRow] = []
    for chunk in csv_file.chunks(io.BytesIO(content), TRIPS, reading):
        rows += chunk.rows.to_pylist()
        bad += chunk.bad
    return rows, bad


def written(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def test_columns_are_found_by_name_in_any_order() -> None:
    expected = [{"provider_user_id": "u1", "distance_m": 5.0}]
    assert read(b"user_id,distance\nu1,5\n") == (expected, [])
    assert read(b"distance,user_id\n5,u1\n") == (expected, [])


def test_empty_cells_are_null_whether_quoted_or_not() -> None:
    rows, bad = read(b'user_id,distance,note\nu1,,""\n')
    assert rows == [{"provider_user_id": "u1", "distance_m": None, "note": None}]
    assert bad == []


@pytest.mark.parametrize("content", [b"", b"\n", b"user_id,distance\n", b"user_id,distance"])
def test_a_file_without_rows_is_no_mistake(content: bytes) -> None:
    assert read(content) == ([], [])


def test_bad_rows_are_kept_with_their_line_reason_and_text() -> None:
    content = b'user_id,distance\nu1,1\nu2\nu3,"a ""far"" trip"\nu4,4,4\nu5,x\nu6,6\n'
    rows, bad = read(content)
    assert [row["provider_user_id"] for row in rows] == ["u1", "u6"]
    assert sorted(bad, key=lambda row: row.line or 0) == [
        BadRow(3, "1 cells where the header has 2", "u2"),
        BadRow(4, "distance: no number: 'a \"far\" trip'", 'u3,"a ""far"" trip"'),
        BadRow(5, "3 cells where the header has 2", "u4,4,4"),
        BadRow(6, "distance: no number: 'x'", "u5,x"),
    ]


def test_a_file_of_broken_rows_only_loses_none_of_them() -> None:
    rows, bad = read(b"user_id,distance\nu1\nu2\n")
    assert rows == []
    assert [row.line for row in bad] == [2, 3]


def test_a_header_repeated_within_the_file_is_no_row() -> None:
    part = b"user_id,distance\nu1,1\nu2,x\n"
    rows, bad = read(part + part + b"user_id,distance\n")
    assert [row["provider_user_id"] for row in rows] == ["u1", "u1"]
    assert [row.line for row in bad] == [3, 6]


def test_a_quoted_newline_may_lie_across_blocks() -> None:
    cells = [[f"u{n}", str(n), f"line one\nline {n}"] for n in range(500)]
    rows, bad = read(written([["user_id", "distance", "note"], *cells]), Reading(256))
    assert [row["note"] for row in rows] == [cell[2] for cell in cells]
    assert bad == []


def test_a_row_longer_than_a_block_asks_for_larger_blocks() -> None:
    content = written([["user_id", "note"], ["u1", "x" * 5000]])
    with pytest.raises(ReadAgain) as again:
        read(content, Reading(1024))
    assert again.value.reading == Reading(1024 << 4)
    assert len(read(content, Reading(65536))[0]) == 1


NOT_UTF8 = b"user_id,distance,caf\xe9\nu1,1,na\xefve\nu\xff2\nu3,x,\xff\nu4,4,plain\n"


# pyarrow tells of a broken row that is not UTF-8 on standard error only.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_that_is_not_utf8_is_read_again_byte_for_byte() -> None:
    with pytest.raises(ReadAgain) as again:
        read(NOT_UTF8)
    rows, bad = read(NOT_UTF8, again.value.reading)
    assert [row["provider_user_id"] for row in rows] == ["u4"]
    assert {row.line: row.content for row in bad} == {
        2: "u1,1,na\ufffdve",
        3: "u\ufffd2",
        4: "u3,x,\ufffd",
    }


def test_read_byte_for_byte_a_file_says_the_same() -> None:
    content = "user_id,note\nü1,naïve\nu2,plain\nu3\n".encode()
    assert read(content, Reading().of_any_bytes()) == read(content)


def test_a_byte_order_mark_is_not_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfuser_id,distance\nu1,5\n")[0][0]["provider_user_id"] == "u1"


@given(
    rows=st.integers(2, 6).flatmap(
        lambda width: st.lists(
            st.lists(
                st.text(st.characters(codec="utf-8", exclude_characters="\0\r")),
                min_size=width,
                max_size=width,
            ).filter(lambda row: any(row)),
            max_size=20,
        )
    ),
    block_bytes=st.sampled_from([4096, 1 << 19]),
)
def test_what_csv_can_say_is_read_back(rows: list[list[str]], block_bytes: int) -> None:
    width = len(rows[0]) if rows else 2
    header = [f"column{number}" for number in range(width)]
    found, bad = read(written([header, *rows]), Reading(block_bytes))
    assert bad == []
    assert [list(row.values()) for row in found] == [[cell or None for cell in row] for row in rows]
