"""Of each thing the lake keeps the latest version, in whatever order versions arrive."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.catalog import Catalog

from telematics import columns, merging, tables
from telematics.merging import Arrival, Merge
from telematics.raw import RawKey
from telematics.versions import Contents, Row, Thing, Unreadable
from tests.unit.conftest import DATABASE

DAY = date(2023, 6, 4)
NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)


def trip(
    name: str, minute: int, *, kind: str = "DRIVING", events: int = 0, day: date = DAY
) -> Thing:
    which: Row = {"provider_user_id": "user-1", "day": day, "trip_id": name, "product_id": "1000"}
    rows = {
        "timeline_items": [{**which, "type": kind}],
        "driving_events": [{**which, "type": "BRAKING", "strength": one} for one in range(events)],
    }
    fetched_at = NOON + timedelta(minutes=minute)
    return Thing("timeline_items", name, day, fetched_at, f"{kind} {events}", rows)


def arrival(name: str, *things: Thing, unreadable: Sequence[Unreadable] = ()) -> Arrival:
    key = RawKey("move", "timeline_items", DAY, name, "json.gz")
    return Arrival(key, Contents(list(things), list(unreadable)))


def merge(catalog: Catalog, *arrivals: Arrival) -> None:
    Merge(catalog, DATABASE, NOON).run("move", arrivals)


def rows(catalog: Catalog, table: str = "move_timeline_items") -> list[dict[str, Any]]:
    found = tables.ensure(catalog, DATABASE, table).scan().to_arrow().to_pylist()
    return sorted(found, key=lambda row: (row.get("trip_id") or "", row.get("strength") or 0))


def types(catalog: Catalog) -> dict[str, str]:
    found = rows(catalog)
    assert len(found) == len({row["trip_id"] for row in found})
    return {row["trip_id"]: row["type"] for row in found}


def test_a_trip_and_its_events_are_rows_with_where_they_are_from(catalog: Catalog) -> None:
    merge(catalog, arrival("a", trip("t1", 0, events=2)))
    (row,) = rows(catalog)
    assert (row["trip_id"], row["type"], row["day"]) == ("t1", "DRIVING", DAY)
    assert row["raw_key"] == "move/timeline_items/day=2023-06-04/a.json.gz"
    assert (row["loaded_at"], row["fetched_at"]) == (NOON, NOON)
    assert [row["strength"] for row in rows(catalog, "move_driving_events")] == [0, 1]


def test_a_trip_that_turned_out_to_be_none_replaces_it_with_its_events(catalog: Catalog) -> None:
    merge(catalog, arrival("a", trip("t1", 0, events=2), trip("t2", 0, events=1)))
    merge(catalog, arrival("b", trip("t1", 1, kind="FAKETRIP")))
    assert types(catalog) == {"t1": "FAKETRIP", "t2": "DRIVING"}
    assert [row["trip_id"] for row in rows(catalog, "move_driving_events")] == ["t2"]


def test_an_old_version_that_comes_late_changes_nothing(catalog: Catalog) -> None:
    merge(catalog, arrival("b", trip("t1", 1, kind="FAKETRIP")))
    merge(catalog, arrival("a", trip("t1", 0, events=2)))
    assert types(catalog) == {"t1": "FAKETRIP"}
    assert rows(catalog, "move_driving_events") == []


def test_the_same_object_again_changes_nothing(catalog: Catalog) -> None:
    for _ in range(3):
        merge(catalog, arrival("a", trip("t1", 0, events=2)))
    assert len(rows(catalog)) == 1
    assert len(rows(catalog, "move_driving_events")) == 2


def test_what_is_told_again_keeps_its_place_in_time(catalog: Catalog) -> None:
    """Labelled and labelled back: the version between comes last, and is out of date."""
    merge(catalog, arrival("a", trip("t1", 0)))
    merge(catalog, arrival("c", trip("t1", 2)))
    merge(catalog, arrival("b", trip("t1", 1, kind="TRAIN")))
    assert types(catalog) == {"t1": "DRIVING"}


def test_versions_in_one_batch_are_settled_before_anything_is_written(catalog: Catalog) -> None:
    merge(
        catalog,
        arrival("a", trip("t1", 2, kind="CYCLING"), trip("t1", 1)),
        arrival("b", trip("t1", 3, kind="WALKING"), trip("t1", 0)),
    )
    assert types(catalog) == {"t1": "WALKING"}


@pytest.mark.fault("crash", of=("move",))
def test_a_load_that_died_between_two_tables_is_completed(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(Merge, "_follow", die)
        with pytest.raises(ConnectionError):
            merge(catalog, arrival("a", trip("t1", 0, events=2)))
    assert len(rows(catalog)) == 1
    merge(catalog, arrival("a", trip("t1", 0, events=2)))
    merge(catalog, arrival("a", trip("t1", 0, events=2)))
    assert len(rows(catalog)) == 1
    assert len(rows(catalog, "move_driving_events")) == 2


def test_a_column_that_nobody_declared_is_added_as_text(catalog: Catalog) -> None:
    one = trip("t1", 0)
    one.rows["timeline_items"][0]["weather"] = "rain"  # type: ignore[index]  # as a provider would
    merge(catalog, arrival("a", one))
    assert rows(catalog)[0]["weather"] == "rain"


def test_parts_that_come_as_a_table_are_rows_like_all_others(catalog: Catalog) -> None:
    """Typed as the table has them; what nobody declared is text; what is missing is null."""
    strengths = pa.table({"strength": pa.array([1, 2], pa.int32()), "colour": ["red", None]})
    which = {"provider_user_id": "user-1", "day": DAY, "trip_id": "t1"}
    plain = trip("t1", 0)
    events = columns.beside(strengths, which)
    tabular = replace(plain, rows={**plain.rows, "driving_events": events})
    merge(catalog, arrival("a", tabular, trip("t2", 0, events=1)))
    found = rows(catalog, "move_driving_events")
    assert [(row["trip_id"], row["strength"], row["colour"], row["type"]) for row in found] == [
        ("t1", 1, "red", None),
        ("t1", 2, None, None),
        ("t2", 0, None, "BRAKING"),
    ]
    assert {row["raw_key"] for row in found} == {str(arrival("a").key)}
    assert {row["fetched_at"] for row in found} == {NOON}

    merge(catalog, arrival("b", trip("t1", 1, events=1)))
    assert len(rows(catalog, "move_driving_events")) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_who_tells_more_wins_whatever_is_newer(
    catalog: Catalog, order: Sequence[int], at_once: bool
) -> None:
    both = [_told(minute=5, tells=1), _told(minute=0, tells=2)]
    arrivals = [both[place] for place in order]
    for some in [arrivals] if at_once else [[one] for one in arrivals]:
        Merge(catalog, DATABASE, NOON).run("zendrive", some)
    assert [row["tells"] for row in rows(catalog, "zendrive_trips")] == [2]
    Merge(catalog, DATABASE, NOON).run("zendrive", [_told(minute=1, tells=2)])
    [row] = rows(catalog, "zendrive_trips")
    assert row["fetched_at"] == NOON + timedelta(minutes=1)


def _told(*, minute: int, tells: int) -> Arrival:
    row: Row = {"day": DAY, "trip_key": "1-ann", "tells": tells}
    fetched_at = NOON + timedelta(minutes=minute)
    thing = Thing("trips", "1-ann", DAY, fetched_at, f"{tells}", {"trips": [row]}, tells)
    key = RawKey("zendrive", "collision_details", DAY, f"{tells}-{minute}", "json")
    return Arrival(key, Contents([thing]))


def test_what_cannot_be_read_is_quarantined_and_no_longer_when_it_can(catalog: Catalog) -> None:
    merge(catalog, arrival("a", trip("t1", 0), unreadable=[Unreadable(2, "no start", "{}")]))
    (row,) = rows(catalog, "quarantine")
    assert (row["line"], row["reason"], row["content"]) == (2, "no start", "{}")
    merge(catalog, arrival("a", trip("t1", 0)))
    assert rows(catalog, "quarantine") == []


def test_days_of_one_object_are_partitions_of_their_own(catalog: Catalog) -> None:
    merge(catalog, arrival("a", trip("t1", 0), trip("t2", 0, day=DAY - timedelta(days=1))))
    table = tables.ensure(catalog, DATABASE, "move_timeline_items")
    days = {task.file.partition[0] for task in table.scan().plan_files()}
    assert len(days) == 2


def test_writers_that_merge_at_once_leave_one_version_of_each(catalog: Catalog) -> None:
    """Each has read the table before the others wrote to it."""
    tables.ensure(catalog, DATABASE, "move_timeline_items")
    offered = [arrival(f"a{n}", *(trip(f"t{one}", n) for one in range(5))) for n in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda one: merge(catalog, one), offered))
    assert len(types(catalog)) == 5


def test_a_commit_that_others_overtook_is_decided_anew(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merging.existing
    overtaken: list[bool] = []

    def overtake(*arguments: Any) -> Any:
        known = real(*arguments)
        if not overtaken:
            overtaken.append(True)
            merge(catalog, arrival("b", trip("t1", 1, kind="FAKETRIP")))
        return known

    monkeypatch.setattr(merging, "existing", overtake)
    merge(catalog, arrival("a", trip("t1", 0, events=1)))
    assert types(catalog) == {"t1": "FAKETRIP"}
    assert rows(catalog, "move_driving_events") == []


VERSIONS = st.lists(
    st.tuples(st.sampled_from(["t1", "t2"]), st.integers(0, 9), st.integers(0, 2)),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[:2],
)


@pytest.mark.fault("reorder", of=("move",))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(VERSIONS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    catalog: Catalog, versions: list[tuple[str, int, int]], chance: random.Random
) -> None:
    for table in ("move_timeline_items", "move_driving_events"):
        if catalog.table_exists((DATABASE, table)):
            catalog.drop_table((DATABASE, table))
    arrivals = [
        arrival(f"a{name}{minute}", trip(name, minute, kind=f"{minute % 2}", events=events))
        for name, minute, events in versions
    ]
    chance.shuffle(arrivals)
    for one in arrivals:
        merge(catalog, one)
    latest = {name: (minute, events) for name, minute, events in sorted(versions)}
    assert types(catalog) == {name: f"{minute % 2}" for name, (minute, _) in latest.items()}
    events = [row["trip_id"] for row in rows(catalog, "move_driving_events")]
    assert events == [name for name, (_, count) in sorted(latest.items()) for _ in range(count)]
