"""`telematics user export`: all that is held of somebody, nothing of others, and whole or not."""

import csv
import hashlib
import io
import json
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import Catalog

from infra.cli.engines import iceberg
from infra.cli.exporting import rows
from infra.cli.target import Deployment
from telematics import tables
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import OUTPUTS
from tests.unit.conftest import DATABASE
from tests.unit.test_cli_move import signed_in
from tests.unit.test_cli_user import Watched, api
from tests.unit.user_desk import UserDesk, desk

__all__ = ["api", "desk", "telematics"]

THEN = datetime(2023, 6, 5, 9, tzinfo=UTC)
DAY = date(2023, 6, 4)
CLIP = {
    "task_id": "clip-1",
    "kind": "clip",
    "provider": "dashcam",
    "person": "driver-anna",
    "state": "stored",
    "duration_s": 30,
    "wait_token": "secret-of-a-machine",
    "requests": [{"requester": "Claims", "idempotency_key": "secret-of-a-caller"}],
    "videos": [{"media_key": "dashcam/clip-1/front.mp4", "sha256": "ab12"}],
}
COLLISION = {
    "task_id": "collision-1",
    "kind": "collision",
    "provider": "zendrive",
    "user_id": "anna",
    "addresses": ["secret-of-a-callback"],
}
OTHERS = {**CLIP, "task_id": "clip-2", "person": "driver-ben"}
MEDIA = {
    "dashcam/clip-1/front.mp4": b"a video of anna",
    "dashcam/event-1/track.nmea": b"where anna was",
    "dashcam/event-2/track.nmea": b"where ben was",
    "dashcam/clip-2/front.mp4": b"a video of ben",
}


@dataclass
class Bucket:
    """Objects, listed a page at a time."""

    objects: Mapping[str, bytes] = field(default_factory=lambda: dict(MEDIA))
    fails: BaseException | None = None

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Mapping[str, Any]]:  # noqa: N803
        assert Bucket == "media"
        yield {}
        yield from ({"Contents": [{"Key": one}]} for one in self.objects if one.startswith(Prefix))

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803
        if self.fails:
            raise self.fails
        return {"Body": io.BytesIO(self.objects[Key])}


@dataclass
class Tasks:
    """The table, in pages of one."""

    items: list[Mapping[str, Any]]

    def scan(self, *, ConsistentRead: bool, ExclusiveStartKey: int = 0) -> Mapping[str, Any]:  # noqa: N803
        assert ConsistentRead
        place = ExclusiveStartKey
        more = {"LastEvaluatedKey": place + 1} if place + 1 < len(self.items) else {}
        return {"Items": self.items[place : place + 1], **more}


def put(catalog: Catalog, name: str, *rows: Mapping[str, Any]) -> None:
    table = tables.ensure(catalog, DATABASE, name)
    schema = table.schema().as_arrow()
    given = {"day": DAY, "raw_key": "raw"} if "day" in schema.names else {}
    table.append(pa.Table.from_pylist([{**given, **one} for one in rows], schema))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def lake(catalog: Catalog) -> Catalog:
    put(
        catalog,
        "move_timeline_items",
        {"provider_user_id": "m-anna", "trip_id": "1"},
        {"provider_user_id": "m-ben", "trip_id": "2"},
    )
    put(catalog, "move_timeline_items", {"provider_user_id": "m-anna", "trip_id": "3"})
    put(
        catalog,
        "dashcam_events",
        {"provider_user_id": "driver-anna", "uuid": "event-1"},
        {"provider_user_id": "driver-ben", "uuid": "event-2"},
    )
    # Sentiance gave them a name that nobody linked; under the other one it knows somebody else.
    put(
        catalog,
        "sentiance_transports",
        {"provider_user_id": "s-anna", "metadata_user_id": "anna"},
        {"provider_user_id": "s-ben", "metadata_user_id": "anna"},
    )
    put(catalog, "sentiance_user_context", {"provider_user_id": "s-anna"})
    put(catalog, "sentiance_user_context", {"provider_user_id": "s-ben"})
    put(catalog, "zendrive_trips", {"provider_user_id": "ben"})
    put(
        catalog,
        "user_links",
        {"user_id": "anna", "provider": "move", "provider_user_id": "m-anna"},
        {"user_id": "ben", "provider": "sentiance", "provider_user_id": "s-ben"},
    )
    return catalog


@pytest.fixture
def stack(lake: Catalog, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.setattr(iceberg, "catalog", lambda _: lake)
    outputs = {**OUTPUTS, "MediaBucket": "media", "TasksTable": "tasks"}
    stack = signed_in(outputs=outputs)
    vars(stack).update(objects=bucket, tasks=Tasks([CLIP, OTHERS, COLLISION]))
    return stack


Run = Callable[..., Ended]


@pytest.fixture
def run(
    telematics: Program,
    desk: UserDesk,
    api: Watched,
    stack: Deployment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    people = desk.world.directory
    people.add("anna", {"move": "m-anna", "dashcam": "driver-anna"}, now=THEN)
    people.add("ben", {"move": "m-ben", "dashcam": "driver-ben"}, now=THEN)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> Ended:
        return telematics("user", "export", *arguments, stack=stack)

    return call


def left(tmp_path: Path) -> list[str]:
    return sorted(one.name for one in (tmp_path / "here").iterdir())


def test_all_that_is_held_of_somebody_is_in_it_and_nothing_of_others(
    run: Run, tmp_path: Path
) -> None:
    ended = run("anna", "--out", "anna.zip", "--reason", "asked for it", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["tables"] == {
        "dashcam_events": 1,
        "move_timeline_items": 2,
        "sentiance_transports": 2,
        "sentiance_user_context": 1,
        "user_links": 1,
    }
    with ZipFile(tmp_path / "here" / "anna.zip") as archive:
        assert archive.testzip() is None
        trips = pq.read_table(io.BytesIO(archive.read("lake/move_timeline_items.parquet")))
        assert sorted(trips["trip_id"].to_pylist()) == ["1", "3"]
        text = archive.read("lake/move_timeline_items.csv").decode()
        assert {one["provider_user_id"] for one in csv.DictReader(io.StringIO(text))} == {"m-anna"}
        held = pq.read_table(io.BytesIO(archive.read("lake/dashcam_events.parquet")))
        assert held["uuid"].to_pylist() == ["event-1"]
        everything = b"".join(archive.read(one) for one in archive.namelist())
        media = {one for one in archive.namelist() if one.startswith("media/")}
        assert media == {"media/dashcam/clip-1/front.mp4", "media/dashcam/event-1/track.nmea"}
        assert archive.read("media/dashcam/clip-1/front.mp4") == b"a video of anna"
        assert archive.getinfo("media/dashcam/clip-1/front.mp4").compress_type == ZIP_STORED
    for one in (b"m-ben", b"driver-ben", b"of ben", b"clip-2", b"secret-of"):
        assert one not in everything


def test_what_is_in_it_is_told_by_its_page_and_its_manifest(run: Run, tmp_path: Path) -> None:
    assert run("anna").code == 0
    place = tmp_path / "here" / "anna.zip"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with ZipFile(place) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        digests = {one["name"]: one["sha256"] for one in manifest["files"]}
        assert digests == {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name != "manifest.json"
        }
        assert {"provider": "sentiance", "provider_user_id": "s-anna"} in manifest["identities"]
        page = archive.read("index.html").decode()
        [clip, collision] = json.loads(archive.read("tasks.json"))
        log = json.loads(archive.read("access-log.json"))
    assert (clip["videos"][0]["sha256"], clip["duration_s"]) == ("ab12", 30)
    assert collision == {name: one for name, one in COLLISION.items() if name != "addresses"}
    assert [one["action"] for one in log] == ["exported"]
    assert "<b>move_timeline_items</b>: 2 rows" in page
    assert "you, as the provider calls you" in page
    assert f"by {log[0]['by']}." in page
    assert "zendrive_trips" in page  # in which there is nothing
    seen = Addresses()
    seen.feed(page)
    assert seen.found == []


class Addresses(HTMLParser):
    """Whatever would be asked for elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [name for name, _ in attrs if name in ("src", "href", "action", "data")]


def test_that_it_was_done_is_on_record(run: Run, desk: UserDesk) -> None:
    run("anna", "--reason", "asked for it")
    [entry] = desk.world.log.read(desk.world.identities.ours("anna"))
    assert (entry.action, entry.reason, entry.result) == ("exported", "asked for it", "active")


def test_a_former_name_counts_as_long_as_nobody_else_has_it(
    run: Run, desk: UserDesk, tmp_path: Path
) -> None:
    people = desk.world.directory
    people.unlink("anna", "move")
    assert json.loads(run("anna", "--json").out)["tables"]["move_timeline_items"] == 2
    people.unlink("ben", "move")
    people.link("ben", "move", "m-anna")
    again = json.loads(run("anna", "--force", "--json").out)
    assert "move_timeline_items" not in again["tables"]


def test_of_whoever_is_erased_nothing_is_held(run: Run, desk: UserDesk, tmp_path: Path) -> None:
    people = desk.world.directory
    people.erase("anna", now=THEN)
    leaving = run("anna")
    assert (leaving.code, left(tmp_path)) == (1, [])
    people.bury("anna", erasure_id="erasure-1", now=THEN)
    ended = run("anna")
    assert ended.code == 1
    assert "nothing is held of anna but the receipt" in ended.err
    assert "telematics user receipt anna" in ended.err
    assert run("nobody").code == 1
    assert left(tmp_path) == []


def test_nothing_that_is_there_is_replaced_unless_it_is_meant(
    run: Run, desk: UserDesk, tmp_path: Path
) -> None:
    (tmp_path / "here" / "anna.zip").write_text("something dear")
    refused = run("anna")
    assert refused.code == 2
    assert "--force" in refused.err
    assert desk.world.log.read(desk.world.identities.ours("anna")) == []
    assert run("anna", "--out", "nowhere/anna.zip").code == 2
    assert run("anna", "--out", str(tmp_path)).code == 2
    assert run("anna", "--force").code == 0
    assert left(tmp_path) == ["anna.zip"]


@pytest.mark.parametrize(("death", "code"), [(KeyboardInterrupt(), 130), (OSError("gone"), 1)])
def test_what_ends_too_soon_leaves_nothing(
    run: Run, bucket: Bucket, tmp_path: Path, death: BaseException, code: int
) -> None:
    bucket.fails = death
    assert run("anna").code == code
    assert left(tmp_path) == []


def test_rows_are_written_in_groups_however_they_come(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_PER_GROUP", 1)
    monkeypatch.setattr(rows, "BYTES_AT_ONCE", 1)
    assert run("anna").code == 0
    with ZipFile(tmp_path / "here" / "anna.zip") as archive:
        file = pq.ParquetFile(io.BytesIO(archive.read("lake/move_timeline_items.parquet")))
    assert (file.num_row_groups, file.metadata.num_rows) == (2, 2)
