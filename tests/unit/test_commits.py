"""A table's metadata is read once for a commit, and again as soon as somebody else has written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.serializers import FromByteStream
from pyiceberg.table import Table

from telematics import commits

NAME, OTHER = ("lake", "trips"), ("lake", "events")
ROW = pa.table({"trip_id": ["a"]})


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
