"""Rows of people in real tables: found, counted and gone, with the past that had them."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table

from telematics import merging, tables
from telematics.erasure import files, rows
from telematics.erasure.files import LEFTOVER, History
from telematics.erasure.persons import Person, Persons
from telematics.erasure.rows import Theirs
from telematics.errors import Busy
from telematics.identities import OURS
from telematics.people import Identity
from telematics.providers.dashcam.datasets import UUID
from tests.unit.conftest import DATABASE
from tests.unit.erasure_buckets import FakeBuckets
from tests.unit.erasure_lake import BUCKET, LocalLake
from tests.unit.erasure_world import blocks

DAY = date(2023, 6, 4)
ANNA = Person(
    "anna",
    frozenset(
        {
            Identity(OURS, "our-anna"),
            Identity("sentiance", "sen-anna"),
            Identity("dashcam", "cam-anna"),
            Identity("move", "42"),
        }
    ),
)
CARL = Person("carl", frozenset({Identity(OURS, "our-carl"), Identity("sentiance", "sen-carl")}))
THEY = Persons((ANNA, CARL))


class Lake:
    """Tables, and the bucket of their files."""

    def __init__(self, root: Path) -> None:
        self.catalog = LocalLake(root)
        self.s3 = FakeBuckets(root / BUCKET)

    def table(self, name: str) -> Table:
        return tables.ensure(self.catalog, DATABASE, name)

    def add(self, name: str, *found: dict[str, Any]) -> Table:
        table = self.table(name)
        schema = table.schema().as_arrow()
        table.append(pa.Table.from_pylist([{"day": DAY, **one} for one in found], schema))
        return table

    def people(self, name: str) -> list[str]:
        column = self.table(name).scan().to_arrow()["provider_user_id"]
        return sorted(str(one) for one in column.to_pylist())

    def forget(self, table: Table, *, now: datetime | None = None) -> int:
        """All that ever was told is remembered."""
        client = cast(Any, self.s3)
        return History(table, client, now or datetime.now(UTC), lambda past: past).forget()

    def has(self, name: str) -> bool:
        """In any file on disk, lists of files included."""
        for _, body in self.s3.bodies():
            plain = b"".join(blocks(io.BytesIO(body))) if body[:3] == b"Obj" else body
            if name.encode() in plain:
                return True
        return False


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    lake = Lake(tmp_path)
    yield lake
    lake.catalog.engine.dispose()


def of(*names: str, **others: Any) -> list[dict[str, Any]]:
    return [{"provider_user_id": f"sen-{one}", "raw_key": f"from-{one}", **others} for one in names]


def test_rows_are_counted_by_whom_they_are_about(lake: Lake) -> None:
    table = lake.add("sentiance_transports", *of("anna", "anna", "bert", "carl"))
    lake.add("sentiance_transports", *of("bert", "anna", metadata_user_id="our-carl"))
    found = Theirs(lake.table("sentiance_transports"), THEY).found()
    assert found.rows == {"anna": 3, "carl": 2}
    assert found.raw_keys == {"from-anna", "from-carl", "from-bert"}
    assert found.folders == {}
    assert table.name()[-1] == "sentiance_transports"


def test_their_rows_go_and_all_others_stay(lake: Lake) -> None:
    lake.add("sentiance_transports", *of("anna", "bert", "carl"))
    lake.add("sentiance_transports", *of("dora"))
    theirs = Theirs(lake.table("sentiance_transports"), THEY)
    theirs.delete()
    assert lake.people("sentiance_transports") == ["sen-bert", "sen-dora"]
    before = lake.table("sentiance_transports").current_snapshot()
    theirs.delete()
    assert lake.table("sentiance_transports").current_snapshot() == before


def test_ids_of_one_provider_are_not_looked_for_at_another(lake: Lake) -> None:
    lake.add("move_notifications", {"provider_user_id": "sen-anna"}, {"provider_user_id": "42"})
    Theirs(lake.table("move_notifications"), THEY).delete()
    assert lake.people("move_notifications") == ["sen-anna"]


def test_media_folders_of_their_rows_are_told(lake: Lake) -> None:
    mine = {"provider_user_id": "cam-anna", UUID: "event-1"}
    lake.add("dashcam_events", mine, {"provider_user_id": "cam-bert", UUID: "event-2"})
    found = Theirs(lake.table("dashcam_events"), THEY).found()
    assert found.folders == {"dashcam/event-1/": "anna"}


def test_what_could_not_be_read_goes_where_it_mentions_them(lake: Lake) -> None:
    lake.add("quarantine", {"content": "by sen-anna"}, {"content": "by sen-annabel"}, {})
    theirs = Theirs(lake.table("quarantine"), THEY)
    assert theirs.found().rows == {"anna": 1}
    theirs.delete()
    left = lake.table("quarantine").scan().to_arrow()["content"].to_pylist()
    assert sorted(left, key=str) == [None, "by sen-annabel"]


def test_mentions_in_other_columns_go_once_somebody_has_seen_them(lake: Lake) -> None:
    lake.add("sentiance_transports", *of("bert", mode="as sen-anna"), *of("dora"))
    Theirs(lake.table("sentiance_transports"), THEY).delete()
    assert lake.people("sentiance_transports") == ["sen-bert", "sen-dora"]
    anywhere = Theirs(lake.table("sentiance_transports"), THEY, anywhere=True)
    assert anywhere.found().rows == {"anna": 1}
    anywhere.delete()
    assert lake.people("sentiance_transports") == ["sen-dora"]


def test_who_is_nobody_there_changes_nothing(lake: Lake) -> None:
    table = lake.add("zendrive_trips", {"provider_user_id": "zen-bert"})
    theirs = Theirs(table, THEY)
    assert theirs.found().rows == {}
    theirs.delete()
    assert len(lake.table("zendrive_trips").snapshots()) == 1


def test_names_are_learned_from_rows_that_have_ours(lake: Lake) -> None:
    lake.add("sentiance_transports", *of("alias", "alias", metadata_user_id="our-anna"), *of("x"))
    learned = list(rows.aliases(lake.table("sentiance_transports"), THEY))
    assert learned == [("anna", Identity("sentiance", "sen-alias"))]
    assert list(rows.aliases(lake.add("move_notifications", {}), THEY)) == []


def test_who_was_overtaken_deletes_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.add("sentiance_transports", *of("anna", "bert"))
    theirs = Theirs(lake.table("sentiance_transports"), THEY)
    lake.add("sentiance_transports", *of("anna", "dora"))
    monkeypatch.setattr(merging, "pause", lambda _: None)
    theirs.delete()
    assert lake.people("sentiance_transports") == ["sen-bert", "sen-dora"]


def test_a_table_that_never_rests_is_busy(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise CommitFailedException("others")

    for who in ("anna", "bert"):
        lake.add("dashcam_events", {"provider_user_id": f"cam-{who}"})
    table = lake.table("dashcam_events")
    monkeypatch.setattr(merging, "pause", lambda _: None)
    monkeypatch.setattr(lake.catalog, "commit_table", refuse)
    with pytest.raises(Busy):
        Theirs(table, THEY).delete()
    with pytest.raises(Busy):
        lake.forget(table)


def test_a_cell_that_is_not_there_keeps_no_row(lake: Lake) -> None:
    lake.add("sentiance_transports", *of("anna"), *of("bert", metadata_user_id="our-carl"), {})
    Theirs(lake.table("sentiance_transports"), THEY).delete()
    assert lake.people("sentiance_transports") == ["None"]


def purged(lake: Lake, name: str, *, now: datetime | None = None) -> int:
    theirs = Theirs(lake.table(name), THEY)
    theirs.delete()
    return lake.forget(theirs.table, now=now)


@pytest.mark.parametrize("name", ["sentiance_transports", "dashcam_events"])
def test_nothing_of_them_is_left_on_disk_and_everybody_else_is(lake: Lake, name: str) -> None:
    provider = name.partition("_")[0]
    prefix = {"sentiance": "sen", "dashcam": "cam"}[provider]
    for who in ("anna", "bert", "dora"):
        lake.add(name, {"provider_user_id": f"{prefix}-{who}"}, {"provider_user_id": "x"})
    lake.add(name, {"provider_user_id": f"{prefix}-anna"})  # a file of nobody else
    assert lake.has(f"{prefix}-anna")
    assert purged(lake, name) > 0
    assert not lake.has(f"{prefix}-anna")
    assert lake.people(name) == [f"{prefix}-bert", f"{prefix}-dora", "x", "x", "x"]
    assert len(lake.table(name).snapshots()) == 1
    assert purged(lake, name) == 0


def test_lists_that_were_merged_tell_nothing_of_what_was_deleted(lake: Lake) -> None:
    with lake.table("dashcam_events").transaction() as change:
        change.set_properties({"commit.manifest.min-count-to-merge": "2"})
    for who in ("anna", "bert", "carl", "dora"):
        lake.add("dashcam_events", {"provider_user_id": f"cam-{who}"})
    purged(lake, "dashcam_events")
    assert not lake.has("cam-anna")
    assert lake.people("dashcam_events") == ["cam-bert", "cam-carl", "cam-dora"]
    before = lake.table("dashcam_events").current_snapshot()
    purged(lake, "dashcam_events")
    assert lake.table("dashcam_events").current_snapshot() == before


def test_a_table_without_rows_is_left_alone(lake: Lake) -> None:
    assert lake.forget(lake.table("move_points")) == 0
    assert lake.people("move_points") == []


def test_leftovers_go_once_nobody_can_be_about_to_commit_them(lake: Lake) -> None:
    table = lake.add("sentiance_transports", *of("bert"))
    place = (
        lake.s3.lake / table.location().removeprefix(f"s3://{BUCKET}/") / "data" / "left.parquet"
    )
    place.write_bytes(b"of sen-anna")
    now = datetime.now(UTC)
    lake.forget(table, now=now)
    assert place.exists()
    past = (now - LEFTOVER - timedelta(seconds=1)).timestamp()
    os.utime(place, (past, past))
    assert lake.forget(table, now=now) == 1
    assert not place.exists()
    assert lake.people("sentiance_transports") == ["sen-bert"]


def test_files_that_a_load_is_writing_meanwhile_stay(lake: Lake) -> None:
    table = lake.add("sentiance_transports", *of("anna", "bert"))
    Theirs(table, THEY).delete()

    def loaded_meanwhile(past: set[str]) -> set[str]:
        if len(lake.people("sentiance_transports")) == 1:
            lake.add("sentiance_transports", *of("dora"))
        return past

    client = cast(Any, lake.s3)
    History(table, client, datetime.now(UTC), loaded_meanwhile).forget()
    assert lake.people("sentiance_transports") == ["sen-bert", "sen-dora"]
    assert not lake.has("sen-anna")


def test_whoever_dies_before_files_are_deleted_leaves_their_names(lake: Lake) -> None:
    table = lake.add("sentiance_transports", *of("anna"), *of("bert"))
    Theirs(table, THEY).delete()
    remembered: set[str] = set()

    def remember(past: set[str]) -> set[str]:
        remembered.update(past)
        return remembered

    def die(change: str) -> None:
        raise InterruptedError

    lake.s3.before = die
    now = datetime.now(UTC)
    with pytest.raises(InterruptedError):
        History(table, cast(Any, lake.s3), now, remember).forget()
    assert lake.has("sen-anna")
    lake.s3.before = lambda change: None
    History(lake.table("sentiance_transports"), cast(Any, lake.s3), now, remember).forget()
    assert not lake.has("sen-anna")


def test_a_list_tells_the_bounds_of_its_files(lake: Lake) -> None:
    table = lake.add("sentiance_transports", *of("anna", "bert"))
    keys = [one["Key"] for one in lake.s3.list_object_versions(Bucket=BUCKET)["Versions"]]
    [path] = filter(files.is_list, keys)
    assert {b"sen-anna", b"sen-bert"} <= set(files.bounds(f"s3://{BUCKET}/{path}", table.io))
    assert list(files.bounds(f"s3://{BUCKET}/gone.avro", table.io)) == []


def test_rows_of_users_go_by_our_name(lake: Lake) -> None:
    lake.add("user_links", {"user_id": "our-anna"}, {"user_id": "our-annabel"})
    theirs = Theirs(lake.table("user_links"), THEY)
    assert theirs.found().rows == {"anna": 1}
    theirs.delete()
    assert lake.table("user_links").scan().to_arrow()["user_id"].to_pylist() == ["our-annabel"]


def test_tables_that_somebody_else_made_are_not_ours() -> None:
    assert all(map(rows.is_ours, ("quarantine", "user_links", "move_points")))
    assert not rows.is_ours("moves")
