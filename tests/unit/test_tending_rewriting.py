"""A day's files become few, sorted ones, with the very same rows."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telematics import sorting, tables
from telematics.sorting import Sorting
from telematics.tending import plan, reading, rewriting
from telematics.tending.plan import Work
from telematics.tending.reading import CellsLeftOut
from telematics.tending.rewriting import Ended, Rewriting, RowsDiffer
from tests.unit.tended_lake import DAY, NAME, START, TendedLake, multiset, trip

BY = ("provider_user_id", "start", "raw_key")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TendedLake]:
    lake = TendedLake(tmp_path)
    yield lake
    lake.catalog.engine.dispose()


def places(lake: TendedLake, path: str) -> list[tuple[Any, ...]]:
    """Of each row in the order of the file; no cell comes last."""
    rows = lake.opened(path).read(columns=list(BY)).to_pylist()
    return [_place(tuple(row[name] for name in BY)) for row in rows]


def test_many_files_become_one_with_the_same_rows_by_person_and_time(lake: TendedLake) -> None:
    lake.add_files(12)
    before = multiset(lake.table())
    assert lake.rewrite() is Ended.DONE
    [only] = lake.files()
    assert multiset(lake.table()) == before
    found = places(lake, only)
    assert found == sorted(found)
    assert found[0] != found[-1]


def test_columns_that_came_later_and_cells_that_are_missing_stay_as_they_are(
    lake: TendedLake,
) -> None:
    lake.add(trip(1, 1), {"day": DAY, "raw_key": "without a person"})
    tables.widen(lake.table(), [("weather", tables.iceberg_type(pa.string()))])
    lake.add({**trip(2, 2), "weather": "rain"}, trip(1, 3))
    before = multiset(lake.table())
    assert lake.rewrite() is Ended.DONE
    assert multiset(lake.table()) == before
    [only] = lake.files()
    assert places(lake, only)[-1][0] == (True, "")
    assert "weather" in lake.opened(only).schema_arrow.names


def test_a_column_that_was_renamed_is_the_same_column(lake: TendedLake) -> None:
    lake.add(trip(1, 1))
    with lake.table().update_schema() as update:
        update.rename_column("mode", "mode_of_transport")
        update.rename_column("event_id", "mode")
    lake.add(trip(2, 2) | {"mode": "2-2", "mode_of_transport": "CAR"})
    before = multiset(lake.catalog.load_table(("telematics", NAME)))
    table = lake.catalog.load_table(("telematics", NAME))
    [work] = plan.planned(table, now=lake.now, quiet=timedelta(0))
    assert Rewriting(table, work, lambda: True).run() is Ended.DONE
    assert multiset(lake.catalog.load_table(("telematics", NAME))) == before


def test_a_column_that_no_row_has_a_cell_of_is_left_out_and_reads_as_null(
    lake: TendedLake,
) -> None:
    lake.add_files(2)
    lake.rewrite()
    names = lake.opened(lake.files()[0]).schema_arrow.names
    assert "mode" not in names
    assert "distance_m" in names
    assert set(lake.table().scan().to_arrow()["mode"].to_pylist()) == {None}


def test_a_day_that_is_tended_again_keeps_cells_that_no_late_row_has(lake: TendedLake) -> None:
    lake.add({**trip(1, 20), "mode": "CAR"})
    for _ in range(3):
        lake.add_files(12)
        before = multiset(lake.table())
        assert lake.rewrite() is Ended.DONE
        assert multiset(lake.table()) == before
    [only] = lake.files()
    assert "mode" in lake.opened(only).schema_arrow.names


def test_statistics_that_call_a_full_column_empty_cost_no_cell(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(12)
    before, files = multiset(lake.table()), lake.on_disk()
    monkeypatch.setattr(reading, "_told", lambda file: iter(()))
    with pytest.raises(CellsLeftOut, match="distance_m"):
        lake.rewrite()
    assert multiset(lake.table()) == before
    assert lake.on_disk() == files


def test_one_persons_rows_are_in_few_row_groups_and_statistics_say_in_which(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Work, "rows_of_group", lambda work, columns: 50)
    lake.add_files(10, rows=100)
    lake.rewrite()
    file = lake.opened(lake.files()[0])
    groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
    assert [one.num_rows for one in groups] == [50] * 20
    column = file.schema_arrow.names.index("provider_user_id")
    bounds = [one.column(column).statistics for one in groups]
    theirs = [one for one in bounds if one.min <= "user-42" <= one.max]
    assert len(theirs) == 1
    assert all(before.max <= after.min for before, after in pairwise(bounds))
    [entry] = lake.table().scan().plan_files()
    assert entry.file.record_count == 1000
    fields = {one.name: one.field_id for one in lake.table().schema().fields}
    assert entry.file.lower_bounds[fields["raw_key"]].startswith(b"sentiance/transports/day=")
    assert len(entry.file.split_offsets or ()) == 20
    told = [one for one in file.schema_arrow.names if _has_statistics(groups[0], file, one)]
    assert sorted(told) == sorted(BY)


def _has_statistics(group: pq.RowGroupMetaData, file: pq.ParquetFile, name: str) -> bool:
    return bool(group.column(file.schema_arrow.names.index(name)).is_stats_set)


def test_rows_with_large_cells_are_in_small_groups(lake: TendedLake) -> None:
    lake.add(*({**trip(row, 1), "mode": "x" * 300_000} for row in range(60)))
    lake.add(trip(1, 2))
    lake.rewrite()
    metadata = lake.opened(lake.files()[0]).metadata
    assert metadata.num_rows == 61
    assert metadata.num_row_groups >= 2


def test_large_days_become_several_files_that_follow_each_other(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "FILE_BYTES", 10_000)
    monkeypatch.setattr(Work, "rows_of_group", lambda work, columns: 20)
    lake.add_files(12, rows=30)
    before = multiset(lake.table())
    lake.rewrite()
    assert 2 <= len(lake.files()) <= plan.MOST_FILES
    assert multiset(lake.table()) == before
    ranges = sorted((found[0], found[-1]) for one in lake.files() if (found := places(lake, one)))
    assert all(last <= first for (_, last), (first, _) in pairwise(ranges))


@pytest.mark.parametrize("name", ["quarantine", tables.USERS])
def test_a_table_of_no_provider_is_tended_as_well(lake: TendedLake, name: str) -> None:
    for number in range(3):
        row: dict[str, Any] = {"provider": "move", "reason": f"{number}", "day": DAY}
        if name == tables.USERS:
            row = {"provider": "move", "user_id": f"user-{9 - number}", "since": START}
        lake.add(row, name=name)
    before = multiset(lake.table(name))
    assert lake.rewrite(name) is Ended.DONE
    table = lake.table(name)
    [task] = table.scan().plan_files()
    assert multiset(table) == before
    if name == tables.USERS:
        found = lake.opened(task.file.file_path).read()["user_id"].to_pylist()
        assert found == sorted(found)
    assert lake.planned(name) == []


def test_what_is_too_large_for_memory_is_sorted_on_disk(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "Sorting", lambda folder, by: Sorting(folder, by, 4_000))
    monkeypatch.setattr(sorting, "BATCH_BYTES", 1_000)
    lake.add_files(12, rows=40)
    before = multiset(lake.table())
    lake.rewrite()
    found = places(lake, lake.files()[0])
    assert found == sorted(found)
    assert multiset(lake.table()) == before


ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "", "a", "b", "é", "z"]),
        st.one_of(st.none(), st.integers(-3, 3)),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(1, 7))
def test_runs_on_disk_come_back_in_one_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, int | None]], size: int
) -> None:
    people = pa.array([who for who, _ in rows], pa.string())
    times = pa.array([when for _, when in rows], pa.timestamp("us", tz="UTC"))
    every = pa.RecordBatch.from_arrays([people, times], ["who", "at"])
    there = Sorting(tmp_path_factory.mktemp("runs"), ["who", "at"], run_bytes=100)
    for start in range(0, len(rows), size):
        there.add(every.slice(start, size))
    found = [(row["who"], row["at"]) for part in there.rows() for row in part.to_pylist()]
    wanted = [(row["who"], row["at"]) for row in every.to_pylist()]
    assert found == sorted(wanted, key=_place)


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((one is None, "" if one is None else one) for one in row)


def test_fewer_rows_than_there_were_are_never_committed(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(12)
    before, files = multiset(lake.table()), lake.on_disk()
    real = Sorting.rows
    monkeypatch.setattr(Sorting, "rows", lambda self: (one.slice(1) for one in real(self)))
    with pytest.raises(RowsDiffer, match="35 rows written, 36 expected"):
        lake.rewrite()
    assert multiset(lake.table()) == before
    assert lake.on_disk() == files
