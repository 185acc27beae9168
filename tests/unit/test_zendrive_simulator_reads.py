"""The simulator of Zendrive: what it answers at once, what it notifies, and one crash for all."""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

import httpx
import orjson
import pytest

from tests.sandbox.simulators.people import Population
from tests.sandbox.simulators.sentiance.files import crashes
from tests.sandbox.simulators.sentiance.files.source import Source
from tests.sandbox.simulators.zendrive import SECRET
from tests.unit import simulated_dashcam
from tests.unit.simulated_zendrive import DAY, NOON, Json, Simulator

INFO = {
    *("start_time", "end_time", "trip_max_speed_kmph", "duration_seconds", "distance_km"),
    *("session_id", "tracking_id", "insurance_period", "user_mode", "drive_type", "vehicle_type"),
    *("extrapolated_distance_km", "estimated_start_latitude", "estimated_start_longitude"),
    *("vehicle_id", "trip_breached_flag", "distance_outside_geofence_km"),
    *("is_tagged_by_beacon", "is_tagged_by_bluetooth_stereo"),
}
COLLISION_INFO = {
    *("time", "trip_id", "trip_max_speed_kmph", "duration_seconds", "distance_km", "session_id"),
    *("tracking_id", "insurance_period", "device_type", "platform", "user_mode", "drive_type"),
}
RATINGS = {
    *("hard_brake_rating", "hard_turn_rating", "rapid_acceleration_rating"),
    *("phone_use_rating", "overspeeding_rating"),
}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def crash(simulator: Simulator) -> Json:
    return simulator.control("crash", driver="driver-0001", at=NOON - 3600)


def trip_of(simulator: Simulator, crash: Json, **query: str) -> httpx.Response:
    path = f"/v4/driver/{crash['driver_id']}/trip/{crash['trip_id']}"
    return simulator.http.get(path, params=query)


def test_one_collision_is_told_as_its_detail_tells_it(simulator: Simulator, crash: Json) -> None:
    path = f"/v3/driver/{crash['driver_id']}/collision/"
    told = simulator.http.get(path + crash["collision_id"]).json()["data"]
    detail = simulator.answered(day=crash["date"])["trip_info"]
    [one] = [one for one in detail if one["collision_info"]]

    assert told["info"] == one["trip"] | {"session_id": "NA", "tracking_id": "NA"}
    assert told["events"] == one["events"]
    assert told["collision_information"] == one["collision_info"]
    for unknown in (f"{int(crash['collision_id']) + 1}", "yesterday", "9" * 40):
        answer = simulator.http.get(path + unknown)
        assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_a_trip_is_told_with_the_parts_that_are_asked_for(
    simulator: Simulator, crash: Json
) -> None:
    usual = trip_of(simulator, crash).json()
    every = "info,driving_behavior,speed_profile,simple_path,events"
    whole = trip_of(simulator, crash, fields=every).json()

    assert usual.keys() == {"trip_id", "info", "driving_behavior"}
    assert (usual["trip_id"], usual["info"].keys()) == (f"{crash['trip_id']}", INFO)
    assert usual["info"]["is_tagged_by_beacon"] == "false"
    behaviour = usual["driving_behavior"]
    assert behaviour["event_rating"].keys() == RATINGS
    assert set(behaviour["event_rating"].values()) <= {-1, 1, 2, 3, 4, 5}
    assert 0 <= behaviour["score"]["zendrive_score"] <= 100
    assert whole.keys() == {"trip_id", *every.split(",")}
    assert {len(one) for one in whole["speed_profile"]} == {3}
    path = whole["simple_path"][1]
    assert path.keys() == {"latitude", "longitude", "timestamp", "time_millis"}
    assert len(path["timestamp"]) == len("2023-06-20T13:00:00.000000+02:00")
    assert trip_of(simulator, crash, fields="info,secrets").status_code == 400


def test_a_trip_that_was_deleted_is_told_no_more(simulator: Simulator, crash: Json) -> None:
    path = f"/v4/driver/{crash['driver_id']}/trip/{crash['trip_id']}"
    assert simulator.http.delete(path).json() == {"success": True}
    again = simulator.http.delete(path)
    assert again.status_code == 404
    assert again.json() == {"error": f"trip_id {crash['trip_id']} is not valid"}
    assert trip_of(simulator, crash).status_code == 404
    found = simulator.answered(day=crash["date"])["trip_info"]
    assert crash["trip_id"] not in {one["trip"]["trip_id"] for one in found}


def test_reads_go_wrong_as_told(simulator: Simulator, crash: Json) -> None:
    simulator.control("faults", fault="busy", at="trip", count=1)
    simulator.control("faults", fault="cut", at="trip", count=1)
    assert trip_of(simulator, crash).status_code == 429
    with pytest.raises(httpx.RemoteProtocolError):
        trip_of(simulator, crash)
    assert trip_of(simulator, crash).status_code == 200


def test_what_happened_is_notified_in_the_documented_fields(
    simulator: Simulator, crash: Json
) -> None:
    told = simulator.notify(**{"from": crash["date"]}, types=["COLLISION", "TRIP_SCORED"])
    bodies = [orjson.loads(one.content) for one in simulator.received]
    [collision] = [one for one in bodies if one.get("collision_id") == crash["collision_id"]]
    scored = [one for one in bodies if one["type"] == "TRIP_SCORED"]

    assert told["deliveries"] == len(bodies) == sum(told["notifications"].values())
    assert {one["version"] for one in bodies} == {3}
    assert collision["driver_id"] == crash["driver_id"]
    data = collision["data"]
    assert data.keys() == {"info", "simple_path", "events", "collision_information"}
    assert data["info"].keys() == COLLISION_INFO
    assert (type(data["info"]["trip_id"]), type(scored[0]["trip_id"])) == (int, str)
    assert data["collision_information"]["g_force"] == crash["g_force"]
    assert "motion" not in data["collision_information"]
    assert scored[0]["data"].keys() == {"info", "driving_behavior", "simple_path", "events"}
    assert told["trips"] == len({one["trip_id"] for one in scored})


@pytest.mark.parametrize("mode", ["signature", "wrong_signature"])
def test_a_notification_is_signed_with_the_key(simulator: Simulator, mode: str) -> None:
    simulator.notify(mode=mode, items=1)
    [request] = simulator.received
    digest = hmac.digest(SECRET["api_key"].encode(), request.content, hashlib.sha256)
    right = f"v1_{base64.b64encode(digest).decode()}"
    given = request.headers["authorization"]
    assert len(given) == len(right)
    assert (given == right) == (mode == "signature")


def test_a_notification_shows_the_key_itself_or_nothing(simulator: Simulator) -> None:
    for mode in ("api_key", "wrong_api_key", "none"):
        simulator.notify(mode=mode, items=1)
    right, wrong, none = (one.headers.get("authorization") for one in simulator.received)
    assert right == f"APIKEY {SECRET['api_key']}"
    assert wrong != right
    assert none is None


def test_notifications_are_repeated_until_they_are_taken(simulator: Simulator) -> None:
    simulator.trouble = [503, 401]
    kinds = ["COLLISION", "TRIP_SCORED", "DEVICE_HEALTH"]
    told = simulator.notify(driver="driver-0001", types=kinds, copies=2, data=False, shuffle=True)
    assert told["answers"] == {"200": told["deliveries"], "503": 1, "401": 1}
    assert told["deliveries"] == 2 * sum(told["notifications"].values())
    bodies = [orjson.loads(one.content) for one in simulator.received]
    assert {frozenset(one["data"]) for one in bodies if one["type"] != "DEVICE_HEALTH"} == {
        frozenset()
    }

    simulator.trouble = [500] * 3
    given_up = simulator.notify(driver="driver-0001", items=1, tries=3)
    assert (given_up["given_up"], given_up["notifications"]) == (1, {})


def test_a_crash_is_the_dashcam_s_at_the_same_moment(simulator: Simulator) -> None:
    """Of a drive, and at home."""
    dashcam = simulated_dashcam.Simulator()
    days = {"from": DAY, "to": "2023-06-18"}
    found = simulator.look("trips", driver="driver-0001", **days)["trips"]
    trip = next(one for one in found if one["user_mode"] == "driver")
    on_the_way = trip["trip_id"] // 1000 + 60
    for moment in (on_the_way, NOON - 600):
        asked: Json = {"driver": "driver-0001", "at": moment}
        ours = simulator.control("crash", **asked, severity="MEDIUM")
        uuid = dashcam.control("crash", **asked, severity=2)["uuid"]
        theirs = dashcam.get(f"event/{uuid}")["data"][0]
        assert theirs["timestamp"] == moment
        assert abs(int(ours["collision_id"]) / 1000 - moment) < 1
        where = ours["latitude"], ours["longitude"]
        assert (theirs["lat"], theirs["lng"]) == pytest.approx(where, abs=1e-6)
        assert theirs["speed_kph"] == round(ours["speed_mps"] * 3.6)
        assert (ours["trip_id"] == trip["trip_id"]) == (moment == on_the_way)


def test_crashes_that_nobody_asked_for_are_known_to_all() -> None:
    """Sentiance's of passengers too, and as whole seconds; what is late may not be in its file."""
    days = [date(2023, 6, 1) + timedelta(days=number) for number in range(6)]
    query = {"from": f"{days[0]}", "to": f"{days[-1]}"}
    found = Simulator(users=200).look("crashes", **query)["crashes"]
    events = [event for day in days for event in reported(day)]
    impacts = simulated_dashcam.Simulator(users=200).get(
        "events", since=noon(days[0]), until=noon(days[-1]) + 43_200, type=1, limit=100
    )["data"]

    ours = {one["timestamp"] for one in found}
    assert len(ours) >= 5
    assert {one["timestamp"] for one in impacts} <= ours
    assert len(impacts) >= 3
    told = {(one["timestamp"] // 1000, one["maxMagnitude"]) for one in events}
    same = {(one["timestamp"], round(one["g_force"] * 1000)) for one in found} & told
    assert len(same) >= 3


def noon(day: date) -> int:
    return int(datetime.combine(day, time(12), UTC).timestamp())


def reported(day: date) -> list[Json]:
    """The crashes of one of Sentiance's files."""
    [layout] = crashes.LAYOUTS
    place = crashes.COLUMNS.index("crashEvent")
    return [dict(cast(Json, row[place])) for row in layout.rows(Source(Population(1, 200), day))]
