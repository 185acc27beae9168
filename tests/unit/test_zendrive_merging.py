"""What Zendrive sends twice, late or in another order is in the lake once, and SQL finds it."""

import random
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from infra.cli.engines import embedded, statement
from telematics import tables
from telematics.merging import Arrival, Merge
from telematics.providers.zendrive.datasets import DATASETS
from tests.unit.conftest import DATABASE
from tests.unit.zendrive_answers import COLLISION, NOON, TRIP, asked, called_back, notified, payload
from tests.unit.zendrive_answers import told as told_in

NAMES = [one.name for one in DATASETS]
ASIDE = ("raw_key", "loaded_at", "fetched_at")


def merge(catalog: Catalog, *arrivals: Arrival) -> None:
    Merge(catalog, DATABASE, NOON).run("zendrive", arrivals)


def table(catalog: Catalog, name: str) -> list[dict[str, Any]]:  # Any: what columns hold
    found = tables.ensure(catalog, DATABASE, f"zendrive_{name}").scan().to_arrow()
    return list(found.to_pylist())


def lake(catalog: Catalog, aside: tuple[str, ...] = ASIDE) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(
            ({c: v for c, v in row.items() if c not in aside} for row in table(catalog, name)),
            key=str,
        )
        for name in NAMES
    }


def count(catalog: Catalog) -> dict[str, int]:
    return {name: len(rows) for name, rows in lake(catalog).items() if rows}


def empty(catalog: Catalog) -> None:
    for name in (*(f"zendrive_{one}" for one in NAMES), tables.QUARANTINE):
        if catalog.table_exists((DATABASE, name)):
            catalog.drop_table((DATABASE, name))


def ask(catalog: Catalog, sql: str) -> list[Mapping[str, Any]]:
    answer = embedded.answer(statement.parse(sql, {}, database=DATABASE), catalog, DATABASE)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


SAMPLE = {
    **{"trips": 2, "events": 5, "collisions": 1, "motion": 3},
    **{"gps_points": 6, "auth_days": 3, "heartbeats": 3},
}


def test_the_vendors_own_sample_answers_in_sql(catalog: Catalog) -> None:
    merge(catalog, called_back(payload("vendors_sample")))
    assert count(catalog) == SAMPLE
    assert ask(
        catalog,
        "select round(c.g_force, 2) as g_force, round(c.current_speed_mps, 1) as speed_mps,"
        " h.battery_optimization_color_code as battery, p.points, m.samples, c.airbag_deployed"
        " from zendrive_collisions c"
        " join zendrive_heartbeats h on h.provider_user_id = c.provider_user_id and h.day = c.day"
        " join (select trip_key, count(*) as points from zendrive_gps_points"
        " where source = 'raw_gps' group by trip_key) p on p.trip_key = c.trip_key"
        " join (select collision_key, count(*) as samples from zendrive_motion"
        " group by collision_key) m on m.collision_key = c.collision_key",
    ) == [
        {
            "g_force": 5.98,
            "speed_mps": 0.0,
            "battery": "R",
            "points": 3,
            "samples": 3,
            "airbag_deployed": False,
        }
    ]


def test_points_carry_what_every_row_carries(catalog: Catalog) -> None:
    came = called_back(payload("vendors_sample"))
    merge(catalog, came)
    for name in ("gps_points", "motion"):
        for row in table(catalog, name):
            assert (row["raw_key"], row["loaded_at"], row["fetched_at"]) == (
                str(came.key),
                NOON,
                NOON,
            )
            assert row["provider_user_id"]
            assert row["day"].day in (23, 25)
    digests = {row["digest"] for row in table(catalog, "gps_points")}
    assert len(digests) == 2


def test_the_same_answer_twice_is_there_once(catalog: Catalog) -> None:
    for minute in (0, 0, 5, 3):
        merge(catalog, called_back(payload("vendors_sample"), minute))
    assert count(catalog) == SAMPLE
    newest = {row["fetched_at"].minute for name in SAMPLE for row in table(catalog, name)}
    assert newest == {5}


def test_a_newer_answer_replaces_a_trip_with_all_its_parts(catalog: Catalog) -> None:
    older, newer = told_in(), told_in()
    newer["trip_info"][1]["events"].pop()
    newer["trip_info"][1]["raw_gps"].pop()
    newer["trip_info"][1]["collision_info"] |= {"confidence_number": 90}
    newer["trip_info"][1]["collision_info"]["motion"].pop()
    seen = []
    for order in permutations([called_back(older), called_back(newer, 1)]):
        empty(catalog)
        for one in order:
            merge(catalog, one)
        seen.append(lake(catalog))
        assert count(catalog) == SAMPLE | {"events": 4, "gps_points": 5, "motion": 2}
        assert [row["confidence_number"] for row in table(catalog, "collisions")] == [90.0]
    assert seen[0] == seen[1]


def test_an_answer_that_pins_nothing_down_takes_nothing_away(catalog: Catalog) -> None:
    merge(catalog, called_back(payload("vendors_sample")))
    merge(catalog, called_back(payload("collision_not_pinned_down"), 1))
    merge(catalog, called_back(payload("nothing_known"), 2))
    assert count(catalog) == SAMPLE


@pytest.mark.fault("reorder", of=("zendrive",))
def test_an_old_answer_that_comes_late_brings_only_what_was_not_there(catalog: Catalog) -> None:
    merge(catalog, called_back(payload("collision_not_pinned_down"), 1))
    assert "collisions" not in count(catalog)
    merge(catalog, called_back(payload("vendors_sample")))
    assert count(catalog) == SAMPLE


ALL = {
    **{"trips": 2, "events": 5, "trip_scores": 1, "collisions": 1, "motion": 3},
    **{"gps_points": 8, "auth_days": 3, "heartbeats": 3, "notifications": 3},
}


@pytest.mark.parametrize("seed", range(3))
def test_who_tells_less_takes_nothing_from_who_tells_more(catalog: Catalog, seed: int) -> None:
    arrivals = [
        called_back(payload("vendors_sample")),
        asked("collision", COLLISION, payload("answer_collision"), 1),
        asked("trip", TRIP, payload("answer_trip"), 2),
        notified(payload("zendrive_trip_scored"), 3),
        notified(payload("zendrive_collision"), 4),
        notified(payload("zendrive_of_a_new_type"), 5),
    ]
    random.Random(seed).shuffle(arrivals)  # noqa: S311  # nothing is kept secret by it
    for one in arrivals:
        merge(catalog, one)
    assert count(catalog) == ALL
    trip = next(row for row in table(catalog, "trips") if row["trip_id"] == TRIP)
    assert (trip["told_by"], trip["latitude_end"]) == ("collision_detail", 32.5420932)
    [collision] = table(catalog, "collisions")
    assert (collision["told_by"], collision["collision_id"]) == ("collision", COLLISION)
    [score] = table(catalog, "trip_scores")
    assert (score["told_by"], score["zendrive_score"]) == ("notification", 67.0)


def test_a_notice_without_details_is_completed_later(catalog: Catalog) -> None:
    merge(catalog, notified(payload("zendrive_collision_without_details")))
    assert count(catalog) == {"notifications": 1}
    merge(catalog, notified(payload("zendrive_collision"), 1))
    assert count(catalog) == {
        **{"notifications": 2, "trips": 1, "events": 3},
        **{"collisions": 1, "gps_points": 2},
    }


def test_a_column_that_only_points_have_is_added_to_their_table(catalog: Catalog) -> None:
    sample = told_in()
    sample["trip_info"][0]["raw_gps"][0]["floor"] = 3
    merge(catalog, called_back(sample))
    floors = [row["floor"] for row in table(catalog, "gps_points")]
    assert sorted(floors, key=str) == ["3", None, None, None, None, None]


@pytest.mark.fault("poison", of=("zendrive",))
def test_what_cannot_be_read_is_in_quarantine(catalog: Catalog) -> None:
    merge(catalog, called_back(payload("parts_that_cannot_be_read")))
    found = tables.ensure(catalog, DATABASE, tables.QUARANTINE).scan().to_arrow().to_pylist()
    assert len(found) == 7
    assert {row["dataset"] for row in found} == {"collision_details"}
    assert count(catalog)["gps_points"] == 2
