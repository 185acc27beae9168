"""Which days are worth rewriting, and which are left alone."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyiceberg.manifest import DataFile, DataFileContent

from telematics.tending import plan
from telematics.tending.plan import MOST_FILES, QUIET, Work
from tests.unit.tended_lake import DAY, NO_QUIET, TendedLake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TendedLake]:
    lake = TendedLake(tmp_path)
    yield lake
    lake.catalog.engine.dispose()


def days(lake: TendedLake, *, quiet: timedelta = NO_QUIET) -> list[str]:
    return [one.name for one in lake.planned(quiet=quiet)]


def test_a_table_without_rows_is_as_it_should_be(lake: TendedLake) -> None:
    assert lake.planned() == []


def test_days_with_more_than_ten_files_become_one_file_each(lake: TendedLake) -> None:
    for day in (DAY + timedelta(days=1), DAY):
        lake.add_files(MOST_FILES + 1, day=day)
    assert [(one.day, len(one.files), one.into, one.rows) for one in lake.planned()] == [
        (DAY, 11, 1, 33),
        (DAY + timedelta(days=1), 11, 1, 33),
    ]


def test_a_second_run_finds_nothing_to_do(lake: TendedLake) -> None:
    lake.add_files(MOST_FILES + 1)
    lake.rewrite()
    assert days(lake) == []


def test_one_file_that_is_read_at_once_anyway_is_left_as_it_is(lake: TendedLake) -> None:
    lake.add_files(1)
    assert days(lake) == []
    lake.add_files(1)
    assert days(lake) == [DAY.isoformat()]


def test_a_large_file_that_is_not_sorted_is_worth_it(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "GROUP_BYTES", 1)
    lake.add_files(1, rows=21)
    assert days(lake) == [DAY.isoformat()]
    lake.rewrite()
    assert days(lake) == []


def test_a_few_late_rows_wait_until_they_are_worth_it(lake: TendedLake) -> None:
    lake.add_files(2, rows=4_000)
    lake.rewrite()
    lake.add_files(1, rows=1)
    assert days(lake) == []
    lake.add_files(MOST_FILES, rows=1)  # eleven with the first, and one that is sorted
    assert [len(one.files) for one in lake.planned()] == [12]


@pytest.mark.parametrize(("ago", "is_over"), [(0, False), (1, False), (2, True)])
def test_today_and_yesterday_are_still_being_written_to(
    lake: TendedLake, ago: int, is_over: bool
) -> None:
    lake.add_files(MOST_FILES + 1, day=lake.now.date() - timedelta(days=ago))
    assert bool(days(lake)) is is_over


def test_a_day_that_somebody_has_only_just_written_to_is_left_to_them(lake: TendedLake) -> None:
    lake.add_files(2)
    assert days(lake, quiet=QUIET) == []
    lake.later = QUIET + timedelta(minutes=1)
    assert days(lake, quiet=QUIET) == [DAY.isoformat()]
    lake.add_files(1, day=DAY - timedelta(days=9))
    assert days(lake, quiet=QUIET) == [DAY.isoformat()]


def test_a_day_of_which_rows_were_deleted_in_files_of_their_own_is_left_alone(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(2)
    lake.add_files(2, day=date(2023, 6, 5))
    real = plan._entries

    def with_deletes(table: object) -> Iterator[object]:
        for entry in real(table):  # type: ignore[arg-type]  # a table
            if plan._day(entry.data_file) == DAY:
                entry.data_file._data[0] = DataFileContent.POSITION_DELETES
            yield entry

    monkeypatch.setattr(plan, "_entries", with_deletes)
    assert days(lake) == ["2023-06-05"]


def test_a_day_larger_than_is_sorted_at_once_becomes_one_file_for_each_part(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(12, rows=50)
    [whole] = lake.planned()
    monkeypatch.setattr(plan, "MOST_BYTES", whole.bytes // 3 + 1_000)
    parts = lake.planned()
    assert [one.into for one in parts] == [1] * len(parts)
    assert [len(one.files) for one in parts] == [4, 4, 4]
    assert all(one.bytes <= plan.MOST_BYTES for one in parts)


@pytest.mark.parametrize(
    ("megabytes", "into", "expected_kb"),
    [(0.01, 1, 16.4), (0.1, 1, 30.4), (10, 1, 304), (128, 1, 1088), (1280, 10, 1088)],
)
def test_what_is_read_of_a_row_group_is_as_large_as_the_footer_that_tells_of_them(
    megabytes: float, into: int, expected_kb: float
) -> None:
    size, rows = int(megabytes * 1e6), 1_000_000
    file = DataFile.from_args(record_count=rows, file_size_in_bytes=size)
    group = Work(DAY, [file], into).rows_of_group(14) * size // rows
    assert group / 1000 == pytest.approx(expected_kb, rel=0.01)
    if group > plan.GROUP_BYTES:
        footer = size / into / group * 14 * plan.CHUNK_BYTES
        assert footer == pytest.approx(group / plan.COLUMNS, rel=0.01)
