"""Canonical views: whatever the provider, the same columns, words, units and scales."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from infra.cli import ready, views
from telematics import tables
from tests.unit.views_lake import HELPERS, answer, ask, lake
from tests.unit.views_rows import LINKS, MONDAY, ROWS, TUESDAY, at

__all__ = ["lake"]

MODES = {
    *("car", "motorcycle", "bicycle", "walking", "running", "bus", "tram", "train", "metro"),
    *("boat", "plane", "still", "other", "unknown"),
}
EVENTS = {
    *("harsh_acceleration", "harsh_braking", "harsh_turning", "speeding", "phone_use"),
    *("phone_call", "hands_free_call", "impact", "drowsiness", "distraction", "other"),
}
SCORES = {
    *("overall", "legal", "smooth", "attention", "acceleration", "braking", "cornering", "focus"),
    *("anticipation", "mounted", "other"),
}
BEGIN = ("provider", "user_id", "provider_user_id", "day")
Rows = list[dict[str, Any]]  # Any: what columns hold


def only(catalog: Catalog, view: str, where: str) -> dict[str, Any]:
    [row] = ask(catalog, f"select * from {view} where {where}")  # noqa: S608  # a test's own
    return row


def shown(row: Mapping[str, object], *names: str) -> tuple[object, ...]:
    return tuple(row[name] for name in names)


@pytest.mark.parametrize("name", sorted({*views.views()} - {"users", *HELPERS}))
def test_each_view_begins_with_whose_and_when_and_ends_with_the_object(
    lake: Catalog, name: str
) -> None:
    columns = answer(lake, f"select * from {name}").columns  # noqa: S608  # a test's own
    assert columns[:4] == BEGIN
    assert columns[-1] == "raw_key"


@pytest.mark.parametrize(
    ("view", "column", "words"),
    [
        ("trips", "mode", MODES),
        ("trips", "role", {"driver", "passenger", "unknown"}),
        ("driving_events", "kind", EVENTS),
        ("safety_scores", "kind", SCORES),
        ("safety_scores", "subject", {"trip", "user"}),
        ("clips", "origin", {"request", "event"}),
    ],
)
def test_words_are_of_a_closed_vocabulary(
    lake: Catalog, view: str, column: str, words: set[str]
) -> None:
    sql = f"select distinct {column} as word from {view}"  # noqa: S608  # a test's own
    found = {row["word"] for row in ask(lake, sql)}
    assert found
    assert found <= words


def test_a_trip_that_a_later_offload_tells_again_is_there_once_as_told_last(lake: Catalog) -> None:
    row = only(lake, "trips", "trip_id = 'e1'")
    assert shown(row, "day", "distance_m", "role") == (TUESDAY, 6_000.0, "driver")
    where = "day = date '2026-03-02' and provider = 'sentiance'"
    on_monday = ask(lake, f"select trip_id from trips where {where}")  # noqa: S608  # own
    assert {one["trip_id"] for one in on_monday} == {"e2", None}


def test_a_trip_of_sentiance_is_in_si_units_with_the_offset_of_its_waypoints(lake: Catalog) -> None:
    row = only(lake, "trips", "trip_id = 'e1'")
    assert shown(row, "max_speed_mps", "average_speed_mps", "utc_offset_minutes") == (20, 10, 60)
    assert shown(row, "start_latitude", "end_latitude") == (50.1, 50.2)
    assert shown(row, "start_time", "end_time", "user_id") == (at(7), at(7, 10), "anna")
    unreadable = only(lake, "trips", "trip_id = 'e2'")
    assert shown(unreadable, "mode", "max_speed_mps", "start_latitude") == ("bicycle", None, None)
    assert unreadable["user_id"] is None


def test_a_trip_of_move_is_what_its_item_says_and_a_fake_one_is_none(lake: Catalog) -> None:
    rows = ask(lake, "select * from trips where provider = 'move' order by trip_id")
    assert [shown(row, "trip_id", "mode") for row in rows] == [
        *(("t1", "car"), ("t3", "still"), ("t4", "train"), ("t6", "metro"), ("t7", "unknown"))
    ]
    first = rows[0]
    assert shown(first, "max_speed_mps", "average_speed_mps", "duration_s") == (25, 10, 600)
    assert first["utc_offset_minutes"] == 60
    assert rows[-1]["utc_offset_minutes"] is None


def test_a_trip_of_zendrive_has_its_offset_and_role(lake: Catalog) -> None:
    rows = ask(lake, "select * from trips where provider = 'zendrive' order by trip_id")
    assert [shown(row, "mode", "role") for row in rows] == [
        *(("car", "driver"), ("car", "unknown"), ("other", "unknown"))
    ]
    assert shown(rows[0], "utc_offset_minutes", "average_speed_mps") == (-300, 5)


def test_events_of_a_trip_come_from_one_dataset(lake: Catalog) -> None:
    rows = ask(
        lake, "select * from driving_events where provider = 'sentiance' order by time, kind"
    )
    assert [shown(row, "trip_id", "provider_kind", "kind", "severity") for row in rows] == [
        ("e1", "accelerating", "harsh_acceleration", 1.0),
        ("e1", "braking", "harsh_braking", 0.5),
        ("e1", "speeding", "speeding", None),
        ("e1", "screen", "phone_use", None),
        ("e1", "mounted", "other", None),
        ("e3", "braking", "harsh_braking", 1.0),
        ("e4", "turning", "harsh_turning", 1.0),
        ("e3", "call", "phone_call", None),
    ]
    speeding = rows[2]
    assert shown(speeding, "speed_mps", "utc_offset_minutes") == (20, 60)
    assert speeding["speed_limit_mps"] == pytest.approx(50 / 3.6)


def test_events_of_the_other_providers_have_the_same_words(lake: Catalog) -> None:
    rows = ask(lake, "select * from driving_events where provider <> 'sentiance'")
    found = {
        row["provider_kind"]: shown(row, "kind", "severity", "duration_s", "speed_mps")
        for row in rows
    }
    assert found == {
        "BRAKING": ("harsh_braking", pytest.approx(2 / 3), None, None),
        "PHONE_CALL_HANDS_FREE": ("hands_free_call", None, 60.0, None),
        "OVERSPEEDING": ("speeding", None, 60.0, 20.0),
        "NEAR_COLLISION": ("other", None, None, None),
        "Impact": ("impact", 1.0, None, 10.0),
        "Harsh Braking": ("harsh_braking", pytest.approx(2 / 3), None, None),
        "Forward Collision Warning": ("other", None, None, None),
    }


def test_points_come_from_the_best_source_of_each_trip(lake: Catalog) -> None:
    sql = "select trip_id, provider_source, count(*) as n from trip_points group by 1, 2"
    assert {shown(row, "trip_id", "provider_source", "n") for row in ask(lake, sql)} == {
        ("e1", "mapped_waypoints", 3),
        ("e5", "waypoints", 2),
        ("t1", "points", 1),
        ("z1", "raw_gps", 2),
        ("z2", "simple_path", 1),
        ("u1", "nmea", 1),
    }


def test_points_are_in_si_units_and_utc(lake: Catalog) -> None:
    sql = "select * from trip_points where trip_id = 'e1' order by time"
    first, _, last = ask(lake, sql)
    assert shown(first, "time", "utc_offset_minutes", "speed_mps") == (at(7), 60, 10)
    assert first["speed_limit_mps"] == pytest.approx(50 / 3.6)
    assert shown(last, "time", "latitude") == (at(7, 10), 50.2)
    of_move = only(lake, "trip_points", "trip_id = 't1'")
    assert shown(of_move, "speed_mps", "speed_limit_mps") == (12.5, 15)


def test_scores_are_from_0_to_1_and_one_that_is_missing_is_no_row(lake: Catalog) -> None:
    sql = "select * from safety_scores where subject = 'trip'"
    found = {shown(row, "trip_id", "kind"): row["score"] for row in ask(lake, sql)}
    assert found == {
        ("e1", "overall"): 0.8,
        ("e1", "legal"): 0.9,
        ("e1", "braking"): 0.4,
        ("e1", "mounted"): 0.3,
        ("e3", "overall"): 0.5,
        ("e3", "braking"): 0.25,
        ("t1", "attention"): 0.8,
        ("t1", "legal"): 0.0,
        ("z1", "overall"): 0.9,
        ("z1", "braking"): 0.5,
    }


def test_scores_of_people_have_no_trip(lake: Catalog) -> None:
    rows = ask(lake, "select * from safety_scores where subject = 'user' order by score")
    assert [shown(row, "kind", "score", "trip_id", "time") for row in rows] == [
        ("overall", 0.6, None, at(20)),
        ("focus", 0.7, None, at(20)),
    ]


def test_a_collision_is_told_by_whoever_noticed_it_and_once_by_each(lake: Catalog) -> None:
    names = ("provider", "collision_id", "time", "speed_mps", "g_force", "confidence", "severity")
    rows = ask(lake, "select * from collisions where user_id = 'anna' order by provider")
    assert [shown(row, *names) for row in rows] == [
        ("dashcam", "u1", at(7, 9), 10.0, None, None, "3"),
        ("sentiance", "r1", at(7, 9), 18.0, pytest.approx(5.0), 0.95, None),
        ("zendrive", "z1@1", at(7, 9, 30), 12.5, 7.0, 0.9, "HIGH"),
    ]
    assert [row["heading_degrees"] for row in rows] == [None, None, None]
    assert only(lake, "collisions", "collision_id = 'r2'")["time"] is None


def test_footage_on_request_has_its_custody_and_that_of_events_its_place(lake: Catalog) -> None:
    on_request = only(lake, "clips", "origin = 'request'")
    assert shown(on_request, "camera", "requester", "outcome") == ("C_F", "desk", "stored")
    of_event = only(lake, "clips", "origin = 'event'")
    assert shown(of_event, "clip_id", "recorded_at", "day") == ("u1", at(7, 9), MONDAY)
    assert of_event["media_key"] == "dashcam/u1/C_F-a_b.mp4"


def test_users_are_a_row_per_link(lake: Catalog) -> None:
    rows = ask(lake, "select user_id, provider from users order by user_id, provider")
    assert [row["provider"] for row in rows] == ["dashcam", "move", "sentiance", "zendrive", None]


def answered(catalog: Catalog, name: str, **given: str) -> Rows:
    days = {"from": str(MONDAY), "to": str(TUESDAY)}
    query = ready.named(name)
    known = {one.name for one in query.parameters}
    return ask(catalog, query.filled({k: v for k, v in days.items() if k in known} | given))


def test_ready_queries_answer_for_all_providers(lake: Catalog) -> None:
    riskiest = answered(lake, "riskiest_drivers", trips="1")
    assert [shown(row, "provider_user_id", "score") for row in riskiest] == [
        *(("s-cid", 0.5), ("s-anna", 0.8), ("z-anna", 0.9))
    ]
    harsh = answered(lake, "harsh_events", kilometres="1")
    assert [shown(row, "provider", "per_100_km") for row in harsh] == [
        *(("sentiance", 16.67), ("move", 10.0), ("zendrive", 0.0))
    ]
    speeding = answered(lake, "speeding")
    assert [row["over_kmh"] for row in speeding] == [22.0, 21.6]
    at_night = answered(lake, "night_driving", begins="18", ends="0")
    assert [shown(row, "provider", "night_km") for row in at_night] == [("zendrive", 9.0)]


def test_the_evidence_of_a_collision_is_from_all_who_know_the_driver(lake: Catalog) -> None:
    rows = answered(lake, "collision_evidence", collision="z1@1", minutes="30")
    found = {shown(row, "what", "provider") for row in rows}
    tellings = {("collision", one) for one in ("zendrive", "sentiance", "dashcam")}
    assert found == tellings | {
        *(("trip", "sentiance"), ("event", "sentiance"), ("event", "dashcam")),
        *(("clip", "dashcam"), ("score", "sentiance")),
    }
    told = next(row for row in rows if shown(row, "what", "provider") == ("collision", "zendrive"))
    assert shown(told, "g_force", "speed_kmh", "seconds_from_impact") == (7.0, 45.0, 0)


def test_days_without_anything_are_named(lake: Catalog) -> None:
    rows = answered(lake, "completeness")
    missing = {shown(row, "provider", "day") for row in rows if row["is_missing"]}
    assert missing == {(one, TUESDAY) for one in ("move", "dashcam", "zendrive")}
    of_sentiance = next(row for row in rows if row["provider"] == "sentiance")
    assert shown(of_sentiance, "rows", "people", "files") == (4, 2, 1)


def test_what_is_held_of_people_is_told_of_every_table() -> None:
    assert views.views()["holdings"].reads == tables.declared().keys()


def test_a_footprint_is_of_one_user_only(lake: Catalog) -> None:
    rows = answered(lake, "data_footprint", user="anna")
    theirs = {(provider, who) for user, provider, who in LINKS if user == "anna"}
    held = Counter(
        (provider, dataset)
        for name, days in ROWS.items()
        for provider, _, dataset in [name.partition("_")]
        for row in chain.from_iterable(days.values())
        if (provider, row["who"]) in theirs
    )
    assert {(row["provider"], row["dataset"]): row["rows"] for row in rows} == held
    assert all(row["people"] == 1 for row in rows)
    assert answered(lake, "data_footprint", person="m-bob") == [
        {
            **{"provider": "move", "dataset": "timeline_items", "rows": 4, "people": 1, "days": 1},
            **{"first_day": MONDAY, "last_day": MONDAY},
        }
    ]
