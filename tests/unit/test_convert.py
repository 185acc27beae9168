"""A raw object into real Iceberg tables: once, whole, replaced by its next version."""

import gzip
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from telematics import convert, lake, loading, reading, tables
from telematics.convert import Loaded
from telematics.errors import DamagedDownload
from telematics.raw import RawKey
from tests.unit.conftest import DATABASE

TRANSPORTS = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
TWO_TRIPS = b"user_id,distance,mode\nu1,1,car\nu2,2,bus\n"


def load(catalog: Catalog, content: bytes, key: RawKey = TRANSPORTS) -> Loaded:
    body = gzip.compress(content) if key.extension.endswith(".gz") else content
    return load_body(catalog, body, key)


def load_body(catalog: Catalog, body: bytes, key: RawKey = TRANSPORTS) -> Loaded:
    return convert.load(
        key,
        lambda: io.BytesIO(body),
        catalog=catalog,
        database=DATABASE,
        loaded_at=datetime(2023, 6, 5, tzinfo=UTC),
    )


def table(catalog: Catalog, name: str = "sentiance_transports") -> Table:
    return catalog.load_table((DATABASE, name))


def rows(catalog: Catalog, name: str = "sentiance_transports") -> list[dict[str, Any]]:
    return table(catalog, name).scan().to_arrow().to_pylist()  # type: ignore[no-any-return]


def test_a_file_becomes_rows_that_say_where_they_came_from(catalog: Catalog) -> None:
    assert load(catalog, TWO_TRIPS) == Loaded(rows=2, quarantined=0)
    first = rows(catalog)[0]
    assert first["provider_user_id"] == "u1"
    assert first["day"] == date(2023, 6, 4)
    assert first["raw_key"] == str(TRANSPORTS)
    assert first["distance_m"] == 1.0


def test_the_same_object_twice_is_there_once(catalog: Catalog) -> None:
    load(catalog, TWO_TRIPS)
    load(catalog, TWO_TRIPS)
    assert len(rows(catalog)) == 2


def test_a_republished_file_replaces_its_rows_and_no_others(catalog: Catalog) -> None:
    other = RawKey("sentiance", "transports", date(2023, 6, 4), "transports-2", "csv.gz")
    load(catalog, TWO_TRIPS, other)
    load(catalog, b"user_id,distance\nu1,far\nu2,2\nu3,3\n")
    load(catalog, b"user_id,distance\nu4,4\n")
    assert sorted(row["provider_user_id"] for row in rows(catalog)) == ["u1", "u2", "u4"]
    assert rows(catalog, tables.QUARANTINE) == []


def test_a_replacement_drops_the_old_file_without_rewriting_others(catalog: Catalog) -> None:
    other = RawKey("sentiance", "transports", date(2023, 6, 4), "transports-2", "csv.gz")
    load(catalog, TWO_TRIPS, other)
    load(catalog, TWO_TRIPS)
    untouched = {task.file.file_path for task in table(catalog).scan().plan_files()}
    load(catalog, b"user_id\nu9\n")
    files = {task.file.file_path for task in table(catalog).scan().plan_files()}
    assert len(files & untouched) == 1
    assert len(files) == 2


def test_a_replacement_is_seen_whole_or_not_at_all(catalog: Catalog) -> None:
    load(catalog, TWO_TRIPS)
    metadata_before = table(catalog).metadata_location
    load(catalog, b"user_id\nu9\n")
    log = table(catalog).metadata.metadata_log
    assert log[-1].metadata_file == metadata_before  # one commit, from two rows to one


@pytest.mark.parametrize("damage", ["truncated", "bit flipped", "not gzip"])
def test_a_damaged_object_changes_nothing(catalog: Catalog, damage: str) -> None:
    load(catalog, TWO_TRIPS)
    whole = bytearray(gzip.compress(b"user_id\n" + b"u3\n" * 1000))
    whole[-6] ^= 1
    body = {
        "truncated": bytes(whole[:-9]),
        "bit flipped": bytes(whole),
        "not gzip": b"user_id\nu3\n",
    }
    with pytest.raises(DamagedDownload):
        load_body(catalog, body[damage])
    assert len(rows(catalog)) == 2
    assert len(list(table(catalog).inspect.snapshots().to_pylist())) == 1


def test_gzip_members_one_after_the_other_are_one_file(catalog: Catalog) -> None:
    load_body(catalog, gzip.compress(TWO_TRIPS) + gzip.compress(b"u3,3,tram\n"))
    assert [row["mode"] for row in rows(catalog)] == ["car", "bus", "tram"]


def test_bad_rows_go_to_quarantine_with_reason_and_line(catalog: Catalog) -> None:
    assert load(catalog, TWO_TRIPS + b"u3,far,car\nu4\n") == Loaded(rows=2, quarantined=2)
    quarantined = {row["line"]: row for row in rows(catalog, tables.QUARANTINE)}
    assert quarantined[4]["content"] == "u3,far,car"
    assert quarantined[4]["reason"] == "distance: no number: 'far'"
    assert quarantined[5]["reason"] == "1 cells where the header has 3"
    assert quarantined[5]["raw_key"] == str(TRANSPORTS)


def test_a_format_nobody_reads_is_quarantined_whole(catalog: Catalog) -> None:
    key = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "avro")
    loaded = load(catalog, b"Obj\x01", key)
    assert loaded.quarantined == 1
    assert "avro" in loaded.unreadable
    assert rows(catalog, tables.QUARANTINE)[0]["line"] is None


def test_a_column_nobody_declared_is_added_as_text(catalog: Catalog) -> None:
    load(catalog, TWO_TRIPS)
    load(
        catalog,
        b"user_id,top_speed\nu3,31.5\n",
        RawKey("sentiance", "transports", date(2023, 6, 5), "transports", "csv.gz"),
    )
    assert {row["provider_user_id"]: row["top_speed"] for row in rows(catalog)} == {
        "u1": None,
        "u2": None,
        "u3": "31.5",
    }


def test_a_column_that_appears_within_a_file_loses_no_row(catalog: Catalog) -> None:
    key = RawKey("sentiance", "crash_insights", date(2023, 6, 4), "crash_insights", "json.gz")
    lines = [b'{"userId": "u1"}'] * 5000 + [b'{"userId": "u1", "surprise": 1}'] * 10
    load(catalog, b"\n".join(lines), key)
    found = rows(catalog, "sentiance_crash_insights")
    assert len(found) == 5010
    assert sum(row["surprise"] == "1" for row in found) == 10


def test_an_unknown_dataset_gets_its_table(catalog: Catalog) -> None:
    key = RawKey("sentiance", "brand_new", date(2023, 6, 4), "brand_new", "csv.gz")
    load(catalog, b"user_id,shine\nu1,9\n", key)
    assert rows(catalog, "sentiance_brand_new")[0]["shine"] == "9"


def test_a_very_long_row_is_loaded(catalog: Catalog) -> None:
    cell = b'"' + b"x" * 3_000_000 + b'"'
    load(catalog, b"user_id,waypoints\nu1," + cell + b"\nu2,short\n")
    assert [len(row["waypoints"]) for row in rows(catalog)] == [3_000_000, 5]


def test_a_load_that_fails_midway_leaves_no_files_behind(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ROWS_PER_GROUP", 10)
    whole = gzip.compress(b"user_id\n" + b"".join(b"u%d\n" % n for n in range(200_000)))
    with pytest.raises(DamagedDownload):
        load_body(catalog, whole[:-4])
    location = table(catalog).location().removeprefix("file://")
    assert not list(Path(location).rglob("*.parquet"))


def test_data_files_carry_field_ids(catalog: Catalog) -> None:
    load(catalog, TWO_TRIPS)
    path = next(iter(table(catalog).scan().plan_files())).file.file_path.removeprefix("file://")
    assert all(b"PARQUET:field_id" in field.metadata for field in pq.read_schema(path))


def test_large_files_are_rolled_and_counted(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ROWS_PER_GROUP", 100)
    monkeypatch.setattr(loading, "ROWS_PER_FILE", 400)
    body = b"user_id\n" + b"".join(b"u%d\n" % n for n in range(1000))
    monkeypatch.setattr(reading.Reading.__init__, "__defaults__", (512, True))
    assert load(catalog, body).rows == 1000
    assert len({row["provider_user_id"] for row in rows(catalog)}) == 1000
    assert len(list(table(catalog).scan().plan_files())) == 3


def test_every_declared_table_is_made_once(catalog: Catalog) -> None:
    made = list(lake.migrate(catalog, DATABASE))
    assert made == list(lake.migrate(catalog, DATABASE))
    assert {name for _, name in catalog.list_tables(DATABASE)} == set(made)
    assert "sentiance_driving_insights" in made


def test_migration_adds_a_column_declared_later(catalog: Catalog) -> None:
    list(lake.migrate(catalog, DATABASE))
    with table(catalog, "sentiance_badges").update_schema(True) as update:
        update.delete_column("state")
    list(lake.migrate(catalog, DATABASE))
    assert "state" in table(catalog, "sentiance_badges").schema().column_names


def test_files_stay_where_the_answer_to_a_commit_is_lost(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(catalog, TWO_TRIPS)
    commit = catalog.commit_table

    def lost(*given: Any) -> Any:
        commit(*given)
        raise ConnectionError("the answer is lost")

    with monkeypatch.context() as patched:
        patched.setattr(catalog, "commit_table", lost)
        with pytest.raises(ConnectionError):
            load(catalog, TWO_TRIPS)
    assert len(rows(catalog)) == 2
