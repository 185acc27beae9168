"""The simulator of Zendrive as a client meets it: a claim's details, in the documented fields."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from tests.sandbox.simulators.zendrive import SECRET
from tests.sandbox.simulators.zendrive.events import NAMES
from tests.unit.simulated_zendrive import DAY, HOOK, NOON, Json, Simulator

TRIP = {
    *("start_time", "end_time", "trip_id", "latitude_start", "longitude_start", "latitude_end"),
    *("longitude_end", "trip_max_speed_kmph", "distance_km", "duration_seconds", "session_id"),
    *("tracking_id", "insurance_period", "device_type", "platform", "user_mode", "drive_type"),
    "vehicle_type",
}
EVENT = {
    *("event_type", "event_type_name", "start_time", "end_time"),
    *("latitude_start", "longitude_start", "latitude_end", "longitude_end"),
}
SPEEDING = {"posted_speed_limit_kmph", "average_driver_speed_kmph", "max_driver_speed_kmph"}
IMPACT = {
    *("final_callback_timestamp", "confidence_number", "confidence", "message", "g_force"),
    *("current_speed_mps", "heading_degrees", "brake_distance_meters", "airbag_deployed"),
    *("deceleration_rate_miles_per_hour_per_second", "collision_severity", "time", "motion"),
    *("direction_of_impact", "latitude", "longitude"),
}
POINT = {
    *("timestamp", "date_time", "course", "heading", "horizontal_accuracy"),
    *("latitude", "longitude", "raw_speed_mps"),
}
HEARTBEAT = {
    *("application_id", "user_id", "platform_string", "start_date"),
    *("overall_color_code", "setup_color_code", "location_permissions_color_code"),
    *("location_service_color_code", "activity_permissions_color_code"),
    *("background_restrictions_color_code", "precise_location_color_code"),
    "battery_optimization_color_code",
}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def trips(payload: Json) -> list[Json]:
    return cast(list[Json], payload["trip_info"])


def everybodys(simulator: Simulator) -> list[Json]:
    for number in range(1, 41):
        assert simulator.ask(number).status_code == 202
    return [one for payload in simulator.delivered() for one in trips(payload)]


def test_trips_events_and_points_have_the_documented_fields(simulator: Simulator) -> None:
    found = everybodys(simulator)
    events = [event for one in found for event in one["events"]]

    assert {frozenset(one) for one in found} == {
        frozenset(
            {
                *("trip", "events", "collision_info", "raw_gps"),
                *("trip_end_location_given_col_loc_dist", "trip_timestamp_end_given_col_ts_diff"),
            }
        )
    }
    assert all(one["trip"].keys() == TRIP for one in found)
    assert all(point.keys() == POINT for one in found for point in one["raw_gps"])
    assert {frozenset(event) for event in events} == {frozenset(EVENT), frozenset(EVENT | SPEEDING)}
    assert all(NAMES[event["event_type"]] == event["event_type_name"] for event in events)
    assert {event["event_type"] for event in events} >= {0, 1, 2, 3, 5, 6, 8, 9}
    assert {one["trip"]["drive_type"] for one in found} == {"driving", "non_driving"}
    assert {one["trip"]["user_mode"] for one in found} == {"driver", "passenger"}
    assert {one["trip"]["platform"] for one in found} == {"android", "ios"}


def test_times_are_local_and_their_truth_is_in_milliseconds(simulator: Simulator) -> None:
    for one in everybodys(simulator):
        trip, points = one["trip"], one["raw_gps"]
        assert trip["start_time"][-6:] == "+02:00"
        assert isinstance(trip["trip_id"], int)
        assert ms(trip["start_time"]) == trip["trip_id"] // 1000 * 1000
        assert points[0]["timestamp"] == trip["trip_id"]
        assert [ms(point["date_time"]) for point in points] == [
            point["timestamp"] // 1000 * 1000 for point in points
        ]
        assert (points[0]["latitude"], points[0]["heading"]) == (trip["latitude_start"], -1.0)


def test_the_window_is_a_day_around_the_date_in_utc(simulator: Simulator) -> None:
    found = [
        datetime.fromtimestamp(one["trip"]["trip_id"] / 1000, UTC).date()
        for one in everybodys(simulator)
    ]
    payload = simulator.delivered()[0]
    middle = datetime.fromisoformat(DAY).date()
    days = [middle + timedelta(days=ahead) for ahead in (-1, 0, 1)]

    assert set(found) == set(days)
    assert list(payload["auth_data"]) == [f"{day}" for day in days]
    assert {type(one) for one in payload["auth_data"].values()} == {bool}
    assert (payload["user_id"], payload["date"]) == (simulator.id(1), DAY)


def test_heartbeats_are_of_days_on_which_the_phone_called_in(simulator: Simulator) -> None:
    everybodys(simulator)
    payloads = simulator.delivered()
    beats = [beat for payload in payloads for beat in payload["heartbeat"]]

    assert all(beat.keys() == HEARTBEAT for beat in beats)
    assert len(beats) == sum(sum(one["auth_data"].values()) for one in payloads) < 120
    assert {beat["battery_optimization_color_code"] for beat in beats} == {None, "G", "O", "R"}
    assert all(
        (beat["battery_optimization_color_code"] is None) == (beat["platform_string"] == "ios")
        for beat in beats
    )


def test_a_crash_is_found_with_its_motion_and_the_speed_before(simulator: Simulator) -> None:
    crash = simulator.control("crash", driver="driver-0001", at=NOON - 3600, severity="HIGH")
    simulator.control("settings", gps_seconds=1)
    payload = simulator.answered(day=crash["date"])
    [one] = [one for one in trips(payload) if one["collision_info"]]
    info, motion = one["collision_info"], one["collision_info"]["motion"]
    [event] = [event for event in one["events"] if event["event_type"] == 4]
    moment = int(crash["collision_id"])

    assert info.keys() == IMPACT
    assert info["g_force"] == max(sample["acceleration_R"] for sample in motion) >= 6
    assert len(motion) == 2223
    assert motion[0].keys() == {"timestamp", "date_time", "acceleration_R"}
    assert {b["timestamp"] - a["timestamp"] for a, b in pairwise(motion)} == {9}
    assert (motion[0]["timestamp"], motion[-1]["timestamp"]) == (moment - 9999, moment + 9999)
    assert ms(info["time"]) == ms(event["start_time"]) == moment
    speeds = [p["raw_speed_mps"] for p in one["raw_gps"] if -3000 <= p["timestamp"] - moment <= 0]
    assert speeds == pytest.approx([info["current_speed_mps"]] * len(speeds), abs=1e-5)
    assert (info["latitude"], info["longitude"]) == (crash["latitude"], crash["longitude"])


def test_distance_and_time_to_the_claim_are_told_when_it_has_them(simulator: Simulator) -> None:
    [plain, *_] = trips(simulator.answered())
    place: Json = {
        "latitude": plain["trip"]["latitude_end"],
        "longitude": plain["trip"]["longitude_end"],
    }
    end = plain["trip"]["trip_id"] + int(plain["trip"]["duration_seconds"] * 1000)
    [given, *_] = trips(simulator.answered(collision_id=f"{end - 5000}", **place))
    names = ("trip_end_location_given_col_loc_dist", "trip_timestamp_end_given_col_ts_diff")

    assert [plain[name] for name in names] == [-1, -1]
    assert [given[name] for name in names] == [pytest.approx(0, abs=0.1), 5000]


def test_of_several_triggers_only_the_one_at_the_time_that_was_given_is_told(
    simulator: Simulator,
) -> None:
    """Somebody nearly crashed on the same trip."""
    nearly = next(
        (number, one)
        for number, payload in enumerate(everybodys_payloads(simulator), start=1)
        for one in trips(payload)
        if [event["event_type"] for event in one["events"]].count(10) == 1
    )
    number, one = nearly
    assert one["collision_info"]["motion"] == []
    start, length = one["trip"]["trip_id"] // 1000, int(one["trip"]["duration_seconds"])
    crash = simulator.control("crash", driver=f"driver-{number:04}", at=start + length // 2)

    def told(**more: Any) -> Json:  # Any: whatever is asked
        payload = simulator.answered(number, **more)
        [same] = [other for other in trips(payload) if other["trip"] == one["trip"]]
        return cast(Json, same["collision_info"])

    assert crash["trip_id"] == one["trip"]["trip_id"]
    assert told() == {}
    assert told(collision_id=crash["collision_id"])["g_force"] == crash["g_force"]
    assert told(collision_id=str(NOON * 1000)) == {}


def everybodys_payloads(simulator: Simulator) -> list[Json]:
    everybodys(simulator)
    found = {one["user_id"]: one for one in simulator.delivered()}
    return [found[simulator.id(number)] for number in range(1, 41)]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"user_id": 7}, 400),
        ({"user_id": ""}, 400),
        ({"date": "14-06-2023"}, 400),
        ({"date": "2023-06-21"}, 400),
        ({"date": "2022-12-01"}, 400),
        ({"webhook_url": "lake.test"}, 400),
        ({"collision_id": "yesterday"}, 400),
    ],
)
def test_what_can_be_no_question_is_refused_with_a_reason(
    simulator: Simulator, wrong: Json, status: int
) -> None:
    asked = {"user_id": simulator.id(), "date": DAY, "webhook_url": HOOK, **wrong}
    answer = simulator.http.post("/v1/collision_detail", json=asked)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert simulator.delivered() == []


def test_the_key_is_taken_as_the_samples_and_as_the_table_spell_it(simulator: Simulator) -> None:
    def status(authorization: str) -> int:
        path = f"/v4/driver/{simulator.id()}/trip/1"
        return simulator.http.get(path, headers={"Authorization": authorization}).status_code

    key = SECRET["api_key"]
    assert [status(f"APIKEY {key}"), status(f"API KEY {key}")] == [404, 404]
    assert [status(f"Bearer {key}"), status(key), status("APIKEY x"), status("")] == [401] * 4


def test_nobody_is_answered_without_trips(simulator: Simulator) -> None:
    payload = simulator.answered(user_id="nobody")
    assert (payload["trip_info"], payload["heartbeat"], payload["user_id"]) == ([], [], "nobody")
    assert set(payload["auth_data"].values()) == {False}


def test_the_same_seed_tells_the_same_and_in_truth(simulator: Simulator) -> None:
    payload = simulator.answered(3)
    told = simulator.look("truth")

    assert payload == Simulator().answered(3)
    assert told["drivers"][simulator.id(3)] == told["tables"]
    assert told["tables"] == {
        "trips": len(trips(payload)),
        "events": sum(len(one["events"]) for one in trips(payload)),
        "collisions": sum(bool(one["collision_info"]) for one in trips(payload)),
        "motion": sum(len(one["collision_info"].get("motion", ())) for one in trips(payload)),
        "gps_points": sum(len(one["raw_gps"]) for one in trips(payload)),
        "auth_days": 3,
        "heartbeats": len(payload["heartbeat"]),
    }
