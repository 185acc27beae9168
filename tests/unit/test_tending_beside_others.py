"""Tending beside whoever else writes: nobody waits for it, and nothing is lost, doubled or back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from telematics.erasure.files import History
from telematics.erasure.persons import Person, Persons
from telematics.erasure.rows import Theirs
from telematics.loading import Replacement
from telematics.merging import Arrival, Merge
from telematics.people import Identity
from telematics.raw import RawKey
from telematics.tending.rewriting import Ended, Rewriting
from telematics.users.user import Status
from telematics.versions import Contents, Row, Thing
from tests.unit.conftest import DATABASE
from tests.unit.tended_lake import DAY, NAME, TendedLake, multiset

NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
ITEMS = "move_timeline_items"
ANNA = Persons((Person("anna", frozenset({Identity("sentiance", "user-1")})),))


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TendedLake]:
    lake = TendedLake(tmp_path)
    yield lake
    lake.catalog.engine.dispose()


def load(lake: TendedLake, number: int, *people: str, day: date = DAY) -> None:
    """As an offload is: rows that take the place of those the same object had before."""
    key = RawKey("sentiance", "transports", day, f"{number}", "csv.gz")
    with Replacement(lake.table(), key, NOON) as replacement:
        rows = [{"provider_user_id": one, "event_id": f"{number}-{one}"} for one in people]
        replacement.add(pa.RecordBatch.from_pylist(rows))
        replacement.commit()


def merge(lake: TendedLake, trip: str, kind: str, minute: int) -> None:
    row: Row = {"provider_user_id": "user-1", "day": DAY, "trip_id": trip, "type": kind}
    thing = Thing(
        "timeline_items", trip, DAY, NOON.replace(minute=minute), kind, {"timeline_items": [row]}
    )
    key = RawKey("move", "timeline_items", DAY, f"{trip}-{minute}", "json.gz")
    Merge(lake.catalog, DATABASE, NOON).run("move", [Arrival(key, Contents([thing]))])


def tend(lake: TendedLake, name: str = NAME, *, meanwhile: Callable[[], object]) -> Ended:
    """Others commit once, after all is written and before it counts."""
    others = [meanwhile]

    def may_commit() -> bool:
        while others:
            others.pop()()
        return True

    work = lake.planned(name)[0]
    return Rewriting(lake.table(name), work, may_commit).run()


def before_the_commit(lake: TendedLake, act: Callable[[], object]) -> None:
    """Of whoever is next; what that act commits itself is not meant."""

    def once(change: str) -> None:
        if change == "commit":
            lake.before = lambda change: None
            act()

    lake.before = once


def rows(lake: TendedLake, name: str = NAME) -> list[tuple[str, str]]:
    found = lake.table(name).scan().to_arrow().to_pylist()
    names = ("event_id", "provider_user_id") if name == NAME else ("trip_id", "type")
    return sorted(tuple(row[one] for one in names) for row in found)


def people(lake: TendedLake) -> set[str]:
    return {one for _, one in rows(lake)}


def referred(lake: TendedLake) -> set[str]:
    """What the table has now, or had before."""
    table = lake.table()
    return {
        file
        for one in table.snapshots()
        for task in table.scan(snapshot_id=one.snapshot_id).plan_files()
        for file in [task.file.file_path]
    }


def test_what_is_loaded_meanwhile_is_there_beside_the_sorted_files(lake: TendedLake) -> None:
    for number in range(3):
        load(lake, number, "user-1")
    ended = tend(lake, meanwhile=lambda: load(lake, 99, "user-2"))
    assert ended is Ended.DONE
    assert len(rows(lake)) == 4
    assert len(lake.files()) == 2


def test_what_is_loaded_again_meanwhile_wins_and_what_was_sorted_is_thrown_away(
    lake: TendedLake,
) -> None:
    for number in range(3):
        load(lake, number, "user-1", "user-2")
    assert tend(lake, meanwhile=lambda: load(lake, 1, "user-3")) is Ended.OVERTAKEN
    assert ("1-user-3", "user-3") in rows(lake)
    assert len(rows(lake)) == 5
    assert lake.on_disk() == referred(lake)
    assert tend(lake, meanwhile=lambda: None) is Ended.DONE
    assert len(rows(lake)) == 5


def test_a_commit_that_fails_since_others_were_faster_is_tried_again(lake: TendedLake) -> None:
    for number in range(3):
        load(lake, number, "user-1")
    before_the_commit(lake, lambda: load(lake, 99, "user-2", day=date(2023, 6, 9)))
    assert lake.rewrite() is Ended.DONE
    assert len(rows(lake)) == 4
    assert len(lake.files()) == 1


def test_a_load_is_never_made_to_fail_by_it(lake: TendedLake) -> None:
    """What the load replaces is moved to another file after it was found."""
    for number in range(3):
        load(lake, number, "user-1", "user-2")
    before_the_commit(lake, lake.rewrite)
    load(lake, 1, "user-3")
    assert rows(lake) == [
        ("0-user-1", "user-1"),
        ("0-user-2", "user-2"),
        ("1-user-3", "user-3"),
        ("2-user-1", "user-1"),
        ("2-user-2", "user-2"),
    ]


def test_a_load_of_something_new_does_not_even_notice(lake: TendedLake) -> None:
    for number in range(3):
        load(lake, number, "user-1")
    before_the_commit(lake, lake.rewrite)
    load(lake, 99, "user-2")
    assert len(rows(lake)) == 4
    assert len(lake.files()) == 2


@pytest.mark.parametrize("tends_first", [True, False])
def test_a_version_that_is_merged_at_the_same_time_replaces_the_one_before(
    lake: TendedLake, tends_first: bool
) -> None:
    for trip in ("t1", "t2", "t3"):
        merge(lake, trip, "DRIVING", 0)
    if tends_first:
        before_the_commit(lake, lambda: lake.rewrite(ITEMS))
        merge(lake, "t1", "FAKETRIP", 1)
    else:
        ended = tend(lake, ITEMS, meanwhile=lambda: merge(lake, "t1", "FAKETRIP", 1))
        assert ended is Ended.OVERTAKEN
    merge(lake, "t1", "DRIVING", 0)  # an old version, late
    assert rows(lake, ITEMS) == [("t1", "FAKETRIP"), ("t2", "DRIVING"), ("t3", "DRIVING")]


def test_versions_are_found_in_sorted_files_as_in_others(lake: TendedLake) -> None:
    for trip in ("t1", "t2", "t3"):
        merge(lake, trip, "DRIVING", 1)
    assert lake.rewrite(ITEMS) is Ended.DONE
    merge(lake, "t1", "TRAIN", 2)
    merge(lake, "t2", "CAR", 0)
    assert rows(lake, ITEMS) == [("t1", "TRAIN"), ("t2", "DRIVING"), ("t3", "DRIVING")]


@pytest.mark.parametrize("tends_first", [True, False])
def test_who_is_erased_at_the_same_time_is_gone_with_all_traces(
    lake: TendedLake, tends_first: bool
) -> None:
    lake.add_files(12)

    def erase() -> None:
        Theirs(lake.table(), ANNA).delete()

    if tends_first:
        before_the_commit(lake, lake.rewrite)
        erase()
    else:
        assert tend(lake, meanwhile=erase) is Ended.OVERTAKEN
    left = people(lake)
    assert left == {"user-0", "user-2"}
    client = cast(Any, lake.s3)
    History(lake.table(), client, lake.now, lambda past: past).forget()
    for path in lake.on_disk():
        assert "user-1" not in lake.opened(path).read()["provider_user_id"].to_pylist()
    assert people(lake) == left
    assert len(rows(lake)) == 24


def test_nothing_is_committed_once_somebody_is_being_erased(lake: TendedLake) -> None:
    lake.add_files(12)
    before, files = multiset(lake.table()), lake.on_disk()
    looks = iter([{}, {"hash": Status.ERASING}])
    lake.gate.before = lambda: lake.gate.marks.update(next(looks))
    told = lake.tend()
    assert (told["is_postponed"], told["is_done"], told["days"]) == (True, True, 0)
    assert lake.on_disk() == files
    assert multiset(lake.table()) == before
    assert len(lake.table().snapshots()) == 1


def test_who_is_blocked_keeps_the_rows_that_are_there(lake: TendedLake) -> None:
    lake.add_files(12)
    before = multiset(lake.table())
    lake.gate.marks = {"one": Status.BLOCKED, "another": Status.ERASED}
    assert lake.tend()["days"] == 1
    assert multiset(lake.table()) == before


def test_whatever_happens_at_once_every_row_is_there_exactly_once(lake: TendedLake) -> None:
    lake.table()

    def loads(number: int) -> None:
        for version in range(2):
            load(lake, number, f"user-{number}", f"user-{number}-{version}")

    with ThreadPoolExecutor(2) as workers:
        work = [workers.submit(loads, one) for one in range(2)]
        while not all(one.done() for one in work):
            lake.tend()
    assert [one.result() for one in work] == [None] * 2
    lake.tend()
    wanted = {f"{one}-user-{one}{also}" for one in range(2) for also in ("", "-1")}
    assert [event for event, _ in rows(lake)] == sorted(wanted)
    assert len(lake.files()) == 1
