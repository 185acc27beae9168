"""What Zendrive sends becomes rows: typed, in SI units, and null where something is missing."""

import json
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.errors import MalformedPayload
from telematics.providers.zendrive import rows
from telematics.providers.zendrive.datasets import DATASETS
from telematics.raw import RawKey
from tests.unit.zendrive_answers import (
    COLLISION,
    DAY,
    DRIVER,
    NOON,
    TRIP,
    Json,
    asked,
    called_back,
    notified,
    of,
    payload,
    told,
)

KEY = f"{TRIP}-{DRIVER}"
DETAILS = RawKey("zendrive", "collision_details", DAY, "c-1", "json")


def test_the_vendors_own_sample_is_rows_of_seven_tables() -> None:
    found = called_back(payload("vendors_sample")).contents
    count = Counter(name for one in DATASETS for name in [one.name] * len(of(found, one.name)))
    assert count == {
        **{"trips": 2, "events": 5, "collisions": 1, "motion": 3},
        **{"gps_points": 6, "auth_days": 3, "heartbeats": 3},
    }
    assert found.unreadable == []
    assert found.rows == 23


def test_a_trip_is_in_si_units_with_the_offset_of_its_place() -> None:
    [_, trip] = of(called_back(payload("vendors_sample")).contents, "trips")
    assert trip == {
        "provider_user_id": DRIVER,
        "day": date(2023, 11, 25),
        "trip_key": KEY,
        "trip_id": TRIP,
        "told_by": "collision_detail",
        "tells": 4,
        "start_time": datetime(2023, 11, 25, 16, 57, 11, tzinfo=UTC),
        "start_utc_offset_minutes": -360,
        "end_time": datetime(2023, 11, 25, 18, 23, 1, tzinfo=UTC),
        "end_utc_offset_minutes": -360,
        "latitude_start": 32.5722655,
        "longitude_start": -93.2044213,
        "latitude_end": 32.5420932,
        "longitude_end": -94.7334021,
        "max_speed_mps": pytest.approx(136.27335747301322 / 3.6),
        "duration_s": 5149.635,
        "distance_m": 156_000.0,
        **dict.fromkeys(("session_id", "tracking_id", "insurance_period")),
        "device_type": "Google-Pixel 6 Pro",
        "platform": "android",
        "user_mode": "driver",
        "drive_type": "driving",
        "vehicle_type": "Car",
        "trip_end_location_given_col_loc_dist": None,
        "trip_timestamp_end_given_col_ts_diff": None,
        "asked_date": "2023-11-24",
    }


def test_a_collision_is_there_with_its_motion() -> None:
    found = called_back(payload("vendors_sample")).contents
    [collision] = of(found, "collisions")
    assert (collision["time"], collision["utc_offset_minutes"]) == (
        datetime(2023, 11, 25, 18, 23, 1, tzinfo=UTC),
        -360,
    )
    assert round(collision["g_force"], 2) == 5.98
    assert (collision["current_speed_mps"], collision["airbag_deployed"]) == (
        1.0981917458741108e-10,
        False,
    )
    assert collision["deceleration_mps2"] == pytest.approx(-5.144642153240398e-07 * 0.44704)
    assert (collision["heading_degrees"], collision["message"]) == (None, None)
    assert collision["final_callback_timestamp"] == datetime(
        2023, 11, 25, 18, 25, 1, 417_000, tzinfo=UTC
    )
    first, *_ = of(found, "motion")
    assert first["time"] == datetime(2023, 11, 25, 18, 22, 51, 325_000, tzinfo=UTC)
    assert (first["acceleration_g"], first["collision_key"]) == (
        -0.0054789838099412735,
        collision["collision_key"],
    )


def test_speeds_of_an_event_are_there_where_it_has_any() -> None:
    speeding, braking, *_ = of(called_back(payload("vendors_sample")).contents, "events")
    assert speeding["posted_speed_limit_mps"] == pytest.approx(24.140140687887445 / 3.6)
    assert (braking["event_type"], braking["event_type_name"]) == (0, "HARD_BRAKE")
    assert braking["max_driver_speed_mps"] is None


def test_days_and_health_are_those_of_the_driver() -> None:
    found = called_back(payload("vendors_sample")).contents
    assert [(row["day"].day, row["authenticated"]) for row in of(found, "auth_days")] == [
        (day, True) for day in (23, 24, 25)
    ]
    health, *_ = of(found, "heartbeats")
    assert (health["battery_optimization_color_code"], health["day"]) == ("R", date(2023, 11, 23))


def test_a_collision_that_is_not_pinned_down_is_an_event_and_no_collision() -> None:
    found = called_back(payload("collision_not_pinned_down")).contents
    assert [row["event_type_name"] for row in of(found, "events")][-1] == "COLLISION"
    assert (of(found, "collisions"), of(found, "motion"), found.unreadable) == ([], [], [])


def test_nothing_known_is_nothing_wrong() -> None:
    found = called_back(payload("nothing_known")).contents
    assert (found.things, found.unreadable) == ([], [])


def test_what_cannot_be_read_is_named_and_the_rest_is_there() -> None:
    found = called_back(payload("parts_that_cannot_be_read")).contents
    assert [(one.place, one.reason) for one in found.unreadable] == [
        (2, "event_type: no integer"),
        (2, "raw_gps: latitude: not on this planet"),
        (4, "raw_gps: time: missing"),
        (2, "trip_id: missing"),
        (3, "not a JSON object"),
        (None, "no date"),
        (2, "start_date: missing"),
    ]
    [trip] = of(found, "trips")
    assert (trip["weather"], trip["vehicle_type"]) == ('{"rain":true}', None)
    assert [row["latitude"] for row in of(found, "gps_points")] == [28.4029306, 28.4029407]
    assert [row["authenticated"] for row in of(found, "auth_days")] == [True, False]
    [health] = of(found, "heartbeats")
    assert health["battery_optimization_color_code"] is None
    assert health["bluetooth_color_code"] == "O"


@pytest.mark.parametrize("missing", [None, "", "NA", -1, -1.0, {}, []])
def test_all_spellings_of_missing_are_null(missing: object) -> None:
    sample = told()
    trip = sample["trip_info"][1]
    kept = {"trip_id": trip["trip"]["trip_id"]}
    positions = {name: None for name in trip["trip"] if name.startswith(("lat", "lon"))}
    texts = {"session_id", "tracking_id", "device_type", "platform", "user_mode", "drive_type"}
    absent = None if missing in (-1, -1.0) else missing
    trip["trip"] = {
        name: absent if name in texts or name.endswith("time") else missing for name in trip["trip"]
    } | {**positions, **kept, "vehicle_type": absent}
    trip["events"], trip["raw_gps"], trip["collision_info"] = missing, missing, missing
    found = called_back({**sample, "trip_info": [trip], "heartbeat": missing}).contents
    [row] = of(found, "trips")
    filled = {name for name, value in row.items() if value is not None}
    assert filled == {
        *("provider_user_id", "day", "trip_key", "trip_id", "told_by", "tells", "asked_date")
    }
    assert row["day"] == date(2023, 11, 25)
    assert found.unreadable == []


@pytest.mark.parametrize("spelt", [1700931431685, "1700931431685", 1700931431685.0])
def test_a_trip_is_the_same_however_its_id_is_spelt(spelt: object) -> None:
    sample = told()
    sample["trip_info"][1]["trip"]["trip_id"] = spelt
    assert [row["trip_key"] for row in of(called_back(sample).contents, "trips")][1] == KEY


@pytest.mark.parametrize("trip_id", ["153758231481999999", "abc", "12"])
def test_the_day_of_a_trip_whose_id_is_no_time_is_that_of_its_start(trip_id: str) -> None:
    sample = told()
    sample["trip_info"][0]["trip"]["trip_id"] = trip_id
    first, _ = of(called_back(sample).contents, "trips")
    assert (first["trip_id"], first["day"]) == (trip_id, date(2023, 11, 23))


def test_a_notice_of_a_collision_is_a_row_and_all_that_it_tells() -> None:
    found = notified(payload("zendrive_collision")).contents
    [notice] = of(found, "notifications")
    assert (notice["type"], notice["version"], notice["collision_id"]) == (
        "COLLISION",
        3,
        COLLISION,
    )
    assert (notice["trip_key"], notice["data"]) == (KEY, None)
    assert notice["time"] == datetime(2023, 11, 25, 18, 23, 1, tzinfo=UTC)
    [collision] = of(found, "collisions")
    assert (collision["collision_id"], collision["tells"]) == (COLLISION, 0)
    assert [row["source"] for row in of(found, "gps_points")] == ["simple_path"] * 2
    last = of(found, "gps_points")[-1]
    assert (last["time"], last["utc_offset_minutes"]) == (
        datetime(2023, 11, 25, 18, 23, 1, 320_000, tzinfo=UTC),
        -360,
    )
    assert (len(of(found, "events")), len(of(found, "trips")), found.unreadable) == (3, 1, [])


def test_a_notice_of_a_score_is_a_trip_and_how_it_was_driven() -> None:
    found = notified(payload("zendrive_trip_scored")).contents
    [score] = of(found, "trip_scores")
    assert (score["zendrive_score"], score["phone_use_rating"], score["overspeeding_rating"]) == (
        67.0,
        1.0,
        None,
    )
    assert score["extrapolated_distance_m"] == 250.0
    [trip] = of(found, "trips")
    assert (trip["tells"], trip["told_by"], trip["trip_id"]) == (2, "notification", TRIP)
    assert not {"extrapolated_distance_km", "time"} & trip.keys()
    [notice] = of(found, "notifications")
    assert (notice["type"], notice["day"]) == ("trip_scored", date(2023, 11, 25))


def test_a_notice_without_details_is_only_a_notice() -> None:
    [thing] = notified(payload("zendrive_collision_without_details")).contents.things
    assert thing.dataset == "notifications"
    [notice] = thing.rows["notifications"]
    assert (notice["day"], notice["collision_id"]) == (date(2023, 11, 25), COLLISION)


def test_a_type_that_nobody_knows_is_kept_as_it_is() -> None:
    found = notified({**told("zendrive_of_a_new_type"), "sent_by": {"region": "us"}}).contents
    [notice] = of(found, "notifications")
    assert (notice["type"], json.loads(notice["data"])) == ("DEVICE_HEALTH", {"healthy": True})
    assert (notice["sent_by"], notice["day"]) == ('{"region":"us"}', DAY)


@pytest.mark.parametrize("data", [5, [1], {"info": {"trip_id": 1, "distance_km": "far"}}])
def test_data_that_cannot_be_read_stays_with_its_notice(data: object) -> None:
    found = notified({**told("zendrive_trip_scored"), "data": data}).contents
    [notice] = of(found, "notifications")
    assert (json.loads(notice["data"]), notice["trip_id"]) == (data, TRIP)
    assert [one.reason.startswith("data: ") for one in found.unreadable] == [True]


def test_a_part_of_a_notice_that_cannot_be_read_leaves_the_others() -> None:
    notice = told("zendrive_collision")
    notice["data"]["collision_information"]["g_force"] = "strong"
    notice["data"]["driving_behavior"] = {"event_rating": {"hard_brake_rating": "poor"}}
    notice["data"]["events"] = "many"
    found = notified(notice).contents
    assert [(one.reason, one.content[:14]) for one in found.unreadable] == [
        ("events: not a JSON array", '"many"'),
        ("event_rating.hard_brake_rating: no number", '{"event_rating'),
        ("g_force: no number", '{"final_callba'),
    ]
    [trip] = of(found, "trips")
    assert (trip["tells"], len(of(found, "gps_points"))) == (0, 2)


@pytest.mark.parametrize(("events", "tells"), [([], 2), (None, 1), ("NA", 1)])
def test_a_trip_that_is_told_without_its_events_is_told_less(events: object, tells: int) -> None:
    [trip] = of(notified(_with_events(events)).contents, "trips")
    assert trip["tells"] == tells


def _with_events(events: object) -> Json:
    notice = told("zendrive_trip_scored")
    notice["data"]["events"] = events
    return notice


def test_the_read_of_a_trip_tells_of_its_tags_and_speeds() -> None:
    found = asked("trip", TRIP, payload("answer_trip")).contents
    [score] = of(found, "trip_scores")
    assert (score["is_tagged_by_beacon"], score["is_tagged_by_bluetooth_stereo"]) == (False, True)
    assert (score["distance_outside_geofence_m"], score["vehicle_id"]) == (1500.0, None)
    assert json.loads(score["speed_profile"])[1] == [58.3, 1700931432737, 55.0]
    assert (len(of(found, "gps_points")), len(of(found, "events"))) == (2, 3)
    assert found.unreadable == []


@pytest.mark.parametrize("name", ["collision_information", "collision_info", "whatever_else"])
def test_the_read_of_a_collision_is_understood_whatever_its_block_is_called(name: str) -> None:
    answer = told("answer_collision")
    answer["data"][name] = answer["data"].pop("collision_information")
    found = asked("collision", COLLISION, answer).contents
    [collision] = of(found, "collisions")
    assert (collision["collision_id"], collision["tells"]) == (COLLISION, 1)
    assert len(of(found, "motion")) == 3
    [trip] = of(found, "trips")
    assert (trip["tells"], name in trip) == (3, False)


def test_motion_beside_the_collision_is_its_own() -> None:
    answer = told("answer_collision")
    answer["data"]["motion"] = answer["data"]["collision_information"].pop("motion")
    assert len(of(asked("collision", COLLISION, answer).contents, "motion")) == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"{", "not a JSON object"),
        (b"{}", "user_id: missing"),
        (b'{"user_id":"NA"}', "user_id: missing"),
        (b'{"user_id":"\xff"}', "not what was documented"),
    ],
)
def test_what_makes_no_sense_at_all_is_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedPayload, match=reason):
        rows.contents(DETAILS, body, NOON)


@pytest.mark.parametrize("name", ["trip_info", "auth_data", "heartbeat"])
def test_one_part_of_another_shape_leaves_the_others(name: str) -> None:
    found = called_back({**told(), name: "odd"}).contents
    assert len(found.unreadable) == 1
    assert len({one.dataset for one in found.things}) >= 2


def test_an_object_of_another_kind_is_refused() -> None:
    with pytest.raises(MalformedPayload, match="no reader for the dataset 'other'"):
        rows.contents(RawKey("zendrive", "other", DAY, "x", "json"), b"{}", NOON)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(part=st.sampled_from(["trip", "events", "collision_info", "raw_gps"]), odd=JSON)
def test_whatever_stands_in_a_part_nothing_breaks(part: str, odd: object) -> None:
    sample = told()
    sample["trip_info"][1][part] = odd
    found = called_back(sample).contents
    assert len(of(found, "trips")) + (part == "trip") == 2
