"""A night: table after table, as far as time goes, and an end to the past that is too old."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from functions import tend_lake
from telematics import lake as deployed_lake
from telematics import settings, tables
from telematics.errors import InvalidRequest
from telematics.observability import metrics
from telematics.tending.rewriting import Rewriting
from telematics.tending.steps import begun, milliseconds
from telematics.users import gate
from telematics.users.user import Status
from tests.unit.lambda_call import Context
from tests.unit.tended_lake import DAY, FAR_AWAY, NAME, TendedLake, multiset

WEEK = timedelta(days=7)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TendedLake]:
    lake = TendedLake(tmp_path)
    yield lake
    lake.catalog.engine.dispose()


def aged(lake: TendedLake, days: float) -> None:
    """All files are as old as they will be by then."""
    then = (lake.now - timedelta(days=days)).timestamp()
    for path in lake.root.rglob("*"):
        if path.is_file() and path.suffix != ".db":
            os.utime(path, (then, then))


def test_a_night_rewrites_every_day_that_is_worth_it_and_a_second_one_nothing(
    lake: TendedLake,
) -> None:
    lake.add_files(12)
    lake.add_files(2, day=DAY + timedelta(days=1))
    before = multiset(lake.table())
    told = lake.tend()
    assert {name: told[name] for name in ("days", "files", "into", "overtaken", "is_done")} == {
        "days": 2,
        "files": 14,
        "into": 2,
        "overtaken": 0,
        "is_done": True,
    }
    assert multiset(lake.table()) == before
    snapshot = lake.table().current_snapshot()
    assert lake.tend()["days"] == 0
    assert lake.table().current_snapshot() == snapshot


def test_what_one_call_has_no_time_for_is_done_by_the_next(lake: TendedLake) -> None:
    days = [DAY + timedelta(days=number) for number in range(3)]
    for day in days:
        lake.add_files(2, day=day)
    left = iter([FAR_AWAY, 1_000])
    first = lake.tend(remaining=lambda: next(left))
    assert (first["is_done"], first["days"], first["after"]) == (False, 1, DAY.isoformat())
    second = lake.tending.tend(first, lambda: FAR_AWAY)
    assert (second["is_done"], second["days"], second["files"], second["into"]) == (True, 3, 6, 3)
    assert [len(lake.files(day=day)) for day in days] == [1, 1, 1]


def test_the_largest_day_there_is_has_room_in_a_fresh_call(lake: TendedLake) -> None:
    lake.add_files(12)
    [work] = lake.planned()
    assert milliseconds(work) == 60_000
    assert milliseconds(_Large()) < 13 * 60_000  # type: ignore[arg-type]  # as large as it says


class _Large:
    bytes = 50 << 30


def test_nothing_is_touched_while_somebody_is_being_erased(
    lake: TendedLake,
) -> None:
    lake.add_files(12)
    lake.gate.marks = {"hash": Status.ERASING}
    told = lake.tend()
    assert (told["is_postponed"], told["days"], told["deleted"]) == (True, 0, 0)
    assert len(lake.files()) == 12


def test_who_dies_between_writing_and_committing_leaves_nothing_that_anybody_sees(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(12)
    before, files = multiset(lake.table()), lake.on_disk()

    def die(self: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Rewriting, "_commit", die)
        patched.setattr(Rewriting, "_discard", lambda self: None)  # nobody is left to do it
        with pytest.raises(KeyboardInterrupt):
            lake.tend()
    assert multiset(lake.table()) == before
    [orphan] = lake.on_disk() - files
    assert lake.tend()["days"] == 1
    assert orphan in lake.on_disk()
    aged(lake, 2)
    lake.tend()
    assert orphan not in lake.on_disk()
    assert multiset(lake.table()) == before


def test_files_are_kept_where_nobody_knows_whether_the_commit_counts(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.add_files(12)
    before = multiset(lake.table())
    real = Rewriting._replace

    def lose_the_answer(self: Rewriting) -> None:
        real(self)
        raise ConnectionError

    monkeypatch.setattr(Rewriting, "_replace", lose_the_answer)
    with pytest.raises(ConnectionError):
        lake.tend()
    assert len(lake.files()) == 1
    assert multiset(lake.table()) == before


def test_a_past_older_than_the_retention_is_gone_with_its_files(lake: TendedLake) -> None:
    lake.add_files(12)
    files = lake.on_disk()
    before = multiset(lake.table())
    lake.tend()
    lake.later = timedelta(days=6)
    lake.tend()
    assert files <= lake.on_disk()
    lake.later = timedelta(days=8)
    assert lake.tend()["deleted"] >= 12
    assert lake.on_disk() == set(lake.files())
    assert len(lake.table().snapshots()) == 1
    assert multiset(lake.table()) == before
    assert lake.tend()["deleted"] == 0


def test_metadata_that_nothing_refers_to_goes_and_the_table_goes_on(lake: TendedLake) -> None:
    for number in range(5):
        lake.add_files(1, day=DAY + timedelta(days=number))
    lake.later = timedelta(days=8)
    lake.tend()
    assert len(lake.on_disk(".metadata.json")) == 1
    lake.add_files(1, day=DAY)
    assert lake.table().scan().count() == 18


def test_any_moment_since_can_still_be_asked_for(lake: TendedLake) -> None:
    """A snapshot counts until the next one, however long ago it was made."""
    lake.add_files(2)
    first = lake.table().current_snapshot()
    lake.add_files(2)
    second = lake.table().current_snapshot()
    assert first
    assert second
    lake.later = WEEK - timedelta(hours=1)
    lake.tend()
    assert lake.table().scan(snapshot_id=first.snapshot_id).count() == 6
    lake.later = WEEK + timedelta(hours=1)
    lake.tend()
    kept = {one.snapshot_id for one in lake.table().snapshots()}
    assert first.snapshot_id not in kept
    assert lake.table().scan().count() == 12


def test_too_many_snapshots_make_the_past_shorter_but_for_the_last_day(
    lake: TendedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telematics.erasure.files.MOST_SNAPSHOTS", 2)
    for number in range(5):
        lake.add_files(1, day=DAY + timedelta(days=number))
    lake.tend()
    assert len(lake.table().snapshots()) == 5
    lake.later = timedelta(days=2)
    lake.tend()
    assert len(lake.table().snapshots()) == 3


def test_young_files_that_nothing_refers_to_may_be_somebodys_who_is_about_to_commit(
    lake: TendedLake,
) -> None:
    lake.add_files(1)
    young = Path(f"{lake.root}/{lake.files()[0].removeprefix('s3://')}").with_name("young.parquet")
    young.write_bytes(b"rows")
    lake.later = timedelta(hours=23)
    lake.tend()
    assert young.exists()
    lake.later = timedelta(hours=25)
    lake.tend()
    assert not young.exists()


def test_every_table_of_ours_is_listed_and_no_other(lake: TendedLake) -> None:
    for name in (NAME, "quarantine", tables.USERS):
        lake.table(name)
    lake.catalog.create_table(("telematics", "somebody_elses"), lake.table().schema())
    listed = lake.tending.listed({})
    assert [one["table"] for one in listed["orders"]] == sorted(["quarantine", NAME, tables.USERS])
    assert {one["quiet_minutes"] for one in listed["orders"]} == {30}
    chosen = lake.tending.listed({"tables": [NAME], "quiet_minutes": 0})
    assert chosen["orders"] == [begun(NAME, quiet_minutes=0)]
    with pytest.raises(InvalidRequest, match="no table somebody_elses"):
        lake.tending.listed({"tables": ["somebody_elses"]})


def test_the_function_lists_and_tends(lake: TendedLake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.add_files(12)
    monkeypatch.setenv("DATABASE", "telematics")
    monkeypatch.setenv("LAKE_RETENTION_DAYS", "7")
    settings.settings.cache_clear()
    monkeypatch.setattr(boto3, "client", lambda name: lake.s3)
    monkeypatch.setattr(deployed_lake, "deployed", lambda: lake.catalog)
    monkeypatch.setattr(gate, "deployed", lambda: lake.gate)
    monkeypatch.setattr(metrics.provider, "namespace", "Telematics")
    [order] = tend_lake.handler({"quiet_minutes": 0}, Context())["orders"]
    told = tend_lake.handler(order, Context())
    settings.settings.cache_clear()
    assert told == {**order, "after": "2023-06-04", "days": 1, "files": 12, "into": 1} | {
        "bytes": told["bytes"],
        "is_done": True,
    }
