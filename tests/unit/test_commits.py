"""Commits to a table with a long past.

Its metadata are read once for a commit, and again as soon as somebody else has written.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.table
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.serializers import FromByteStream
from pyiceberg.table import Table

from telematics import commits, merging, tables
from telematics.expressions import one_of
from tests.unit.erasure_lake import LocalLake

ENOUGH = 7  # a look at the table for each step of a commit
NAME, OTHER = ("lake", "trips"), ("lake", "events")
ROW = pa.table({"trip_id": ["a"]})


def rows(count: int) -> list[dict[str, object]]:
    given = {"provider_user_id": "somebody", "day": date(2023, 6, 4), "raw_key": "a key"}
    return [{**given, "notification_id": f"{number}"} for number in range(count)]


def test_what_a_table_is_to_be_is_worked_out_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes as long as the table's past."""
    table = tables.ensure(LocalLake(tmp_path), "telematics", "zendrive_notifications")
    merging.replace(table, None, rows(3))
    counted: list[object] = []
    real = vars(pyiceberg.table)["update_table_metadata"]

    def counting(*arguments: Any, **named: Any) -> Any:  # Any: as pyiceberg has them
        counted.append(arguments)
        return real(*arguments, **named)

    monkeypatch.setattr(pyiceberg.table, "update_table_metadata", counting)
    merging.replace(table, None, rows(2))
    assert 0 < len(counted) <= ENOUGH
    monkeypatch.undo()
    assert table.scan().count() == 5


def test_what_is_deleted_and_added_in_one_commit_is_both_seen(tmp_path: Path) -> None:
    table = tables.ensure(LocalLake(tmp_path), "telematics", "zendrive_notifications")
    merging.replace(table, None, rows(3))
    merging.replace(table, one_of("notification_id", {"0", "1"}), rows(1))
    found = table.scan().to_arrow()["notification_id"].to_pylist()
    assert sorted(found) == ["0", "2"]
    assert len(table.metadata.snapshots) >= 2


def test_a_copy_of_what_a_table_is_shares_its_past(tmp_path: Path) -> None:
    table = tables.ensure(LocalLake(tmp_path), "telematics", "zendrive_notifications")
    merging.replace(table, None, rows(1))
    before, after = table.metadata, table.metadata.model_copy(deep=True)
    assert after == before
    assert after.properties is not before.properties
    assert after.snapshots[0] is before.snapshots[0]
    assert after.snapshot_log[0] is before.snapshot_log[0]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqlCatalog]:
    where = {"uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{tmp_path}"}
    catalog = SqlCatalog("local", **where)
    catalog.create_namespace("lake")
    catalog.create_table(NAME, ROW.schema, properties={"commit.retry.num-retries": "0"})
    catalog.create_table(OTHER, pa.schema([("event_id", pa.string())]))
    yield catalog
    catalog.engine.dispose()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One for each time that metadata were read."""
    seen: list[object] = []
    real = FromByteStream.table_metadata

    def counted(byte_stream: Any, *more: Any, **named: Any) -> object:
        seen.append(byte_stream)
        return real(byte_stream, *more, **named)

    monkeypatch.setattr(FromByteStream, "table_metadata", counted)
    return seen


def append(table: Table) -> None:
    with commits.transaction(table) as transaction:
        transaction.append(ROW)


def test_a_commit_reads_no_metadata_again(catalog: SqlCatalog, read: list[object]) -> None:
    table = catalog.load_table(NAME)
    append(table)
    assert len(read) == 1
    assert table.scan().to_arrow().num_rows == 1


def test_what_others_have_committed_is_read_and_nothing_of_it_is_overwritten(
    catalog: SqlCatalog, read: list[object]
) -> None:
    ours, theirs = catalog.load_table(NAME), catalog.load_table(NAME)
    append(theirs)
    with pytest.raises(CommitFailedException):
        append(ours)
    assert len(read) == 2
    append(ours.refresh())
    assert len(read) == 2
    assert catalog.load_table(NAME).scan().to_arrow().num_rows == 2


def test_another_table_is_another_table(catalog: SqlCatalog) -> None:
    for _ in range(2):
        assert catalog.load_table(NAME).schema().column_names == ["trip_id"]
        assert catalog.load_table(OTHER).schema().column_names == ["event_id"]
