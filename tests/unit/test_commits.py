"""Commits to a table with a long past."""

from datetime import date
from pathlib import Path
from typing import Any

import pyiceberg.table
import pytest

from telematics import merging, tables
from telematics.expressions import one_of
from tests.unit.erasure_lake import LocalLake

ENOUGH = 7  # a look at the table for each step of a commit


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
