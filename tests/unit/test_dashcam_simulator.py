"""The simulator of the dashcams as a client meets it: keys, events, assets and faults."""

import httpx
import pytest

from tests.sandbox.simulators.dashcam.faults import NAMES
from tests.unit.simulated_dashcam import DAY, KEY, LOGIN, NOON, Json, Simulator

LISTED = {
    *("asset_info", "car_id", "clicked_count", "device_cid", "driver_avatar", "driver_id"),
    *("driver_name", "driver_status", "expired", "expiry", "is_new", "lat", "lng", "name"),
    *("recording_id", "severity_level", "tag", "ticket", "ticket_linked", "timestamp"),
    *("trip_id", "type", "type_name", "upload_status", "uuid", "video_uploaded"),
    *("videos_count", "videos_total_count"),
}
MANUAL = {
    *("clicked_count", "device_cid", "event_name", "expired", "expiry", "id", "images", "is_new"),
    *("lat", "lng", "name", "recording_id", "tag", "ticket", "timestamp", "trip_id", "type"),
    *("type_name", "uuid", "last_ack_message", "video_data", "task_state"),
    "recording_start_time",
}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def crash(simulator: Simulator, **more: object) -> str:
    return str(simulator.control("crash", driver="driver-0003", **more)["uuid"])


def everything(simulator: Simulator, **query: object) -> list[Json]:
    return list(simulator.get("events", **DAY, limit=1000, **query)["data"])


def outcome(answer: httpx.Response) -> tuple[int, bool]:
    return answer.status_code, answer.json()["result"]


def test_who_is_not_known_is_told_in_the_envelope(simulator: Simulator) -> None:
    http, query = simulator.http, {"since": "0", "until": "1"}
    strange = http.get("/V2/events", params=query, headers={"x-api-key": "another"})
    wrong = http.post("/V2/auth", json={**LOGIN, "password": "another"})
    nobody = http.get("/V2/events", params=query, headers={"Authorization": ""})
    bare = http.get("/V2/events", params=query, headers={"Authorization": simulator.login()})

    assert [outcome(one) for one in (strange, wrong)] == [(200, False)] * 2
    assert [outcome(one) for one in (nobody, bare)] == [(401, False)] * 2
    assert nobody.json()["code"] != "S00000"


def test_a_token_expires_and_is_revoked_by_a_switch(simulator: Simulator) -> None:
    def ask(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return simulator.http.get("/V2/events", params=DAY, headers=headers).status_code

    def switch(fleet: str) -> Json:
        files = {"fleet_id": (None, fleet)}
        return dict(simulator.http.post("/V2/auth/token", files=files).json()["data"])

    first = simulator.login()
    assert switch("").keys() == {"fleets"}
    assert ask(first) == 200
    second = switch("1002")["access_token"]
    assert (ask(first), ask(second)) == (401, 200)
    simulator.now += 3601
    assert ask(second) == 401


def test_a_token_may_be_somewhere_else_in_the_answer(simulator: Simulator) -> None:
    simulator.control("settings", access_at="token")
    answer = simulator.http.post("/V2/auth", json=LOGIN).json()
    assert answer["token"]
    assert answer["data"].keys() == {"fleets"}


def test_events_have_the_documented_fields_and_come_five_at_a_time(simulator: Simulator) -> None:
    page = simulator.get("events", **DAY, order="ASC")
    found = everything(simulator, order="ASC")
    truth = simulator.truth(**{"from": "2023-06-06"})
    types = ",".join(str(one["type"]) for one in found[:2])

    assert {frozenset(one) for one in found} == {frozenset(LISTED)}
    assert len(page["data"]) == 5
    assert page["count"] == len(found) == truth["events"]["2023-06-06"] > 50
    assert found == everything(simulator)[::-1] == everything(Simulator(), order="ASC")
    assert [one["timestamp"] for one in found] == sorted(one["timestamp"] for one in found)
    assert {one["type"] for one in everything(simulator, type=types)} == set(
        map(int, types.split(","))
    )
    assert everything(simulator, keyword="driver-0001")[0]["driver_id"] == 1
    assert everything(simulator, device_cids=simulator.devices["driver-0001"])


def test_a_late_arrival_shifts_the_pages(simulator: Simulator) -> None:
    before = simulator.get("events", **DAY, order="ASC", offset=5)["data"]
    crash(simulator, at=DAY["since"] + 60)
    after = simulator.get("events", **DAY, order="ASC", offset=6)["data"]
    assert after == before


def test_an_event_exists_before_its_videos_and_expires(simulator: Simulator) -> None:
    uuid = crash(simulator, severity=2)
    since = {"since": NOON - 60, "until": NOON}

    def seen() -> tuple[object, ...]:
        one = simulator.get("events", **since, type="1")["data"][0]
        assets = simulator.get(f"event/{uuid}/assets")["data"]
        return one["asset_info"]["uploading"], one["video_uploaded"], len(assets["videos"])

    assert seen() == (True, 0, 0)
    simulator.now += 6
    assert seen() == (True, 1, 1)
    simulator.now += 5
    assert seen() == (False, 2, 2)
    detail = simulator.get(f"event/{uuid}")["data"][0]
    assert detail["event_assets"]["capture_mode"]["video"] == ["C_F", "C_I"]
    assert (detail["severity_level"], detail["videos_total_count"]) == (2, 2)

    simulator.control("clock", advance=31 * 86_400)
    assert simulator.get(f"event/{uuid}")["data"][0]["expired"] is True
    assert simulator.get(f"event/{uuid}/assets")["data"]["videos"] == []


def test_manual_uploads_are_listed_apart(simulator: Simulator) -> None:
    def listed(**query: str) -> list[Json]:
        return list(simulator.get("event/manual", **DAY, limit=100, **query)["data"])

    both, lapse, plain = listed(), listed(time_lapse="true"), listed(time_lapse="false")
    assert {frozenset(one) for one in both} == {frozenset(MANUAL)}
    assert len(both) == len(lapse) + len(plain) > len(lapse) > 0
    assert all(one["video_data"]["time_lapse"] for one in lapse)


def test_the_safety_report_counts_what_the_list_has(simulator: Simulator) -> None:
    report = simulator.get("analytics/safety", **DAY)
    counts = [one["count"] for one in report["summary"]["event_category"]]
    days = [day for trend in report["trend"] for day in trend["events"]]

    assert sum(counts) == len(everything(simulator))
    assert sum(sum(day["severity"].values()) for day in days) == sum(counts)
    assert report["summary"]["trip"]["total_trips"] > 10
    assert len(report["trend"]) == 4
    assert simulator.get("analytics/safety", **DAY, tz="Mars/Olympus")["result"] is False


def test_what_is_discarded_is_gone(simulator: Simulator) -> None:
    uuid = everything(simulator)[0]["uuid"]
    discard = f"/V2/event/{uuid}/discard"
    assert simulator.http.post(discard).json()["result"] is True
    assert uuid not in {one["uuid"] for one in everything(simulator)}
    assert simulator.get(f"event/{uuid}")["result"] is False
    assert simulator.http.post(discard).json()["result"] is False


@pytest.mark.parametrize("path", ["events", "event/nonsense", "event/taskResult/none"])
def test_what_is_asked_wrongly_is_told_in_the_envelope(simulator: Simulator, path: str) -> None:
    assert simulator.get(path)["result"] is False


def test_trouble_strikes_as_often_and_where_it_is_told(simulator: Simulator) -> None:
    def ask() -> httpx.Response:
        return simulator.http.get("/V2/events", params=DAY)

    simulator.control("faults", fault="busy", count=1, seconds=7)
    simulator.control("faults", fault="error", count=1, at="events")
    simulator.control("faults", fault="failure", count=1, code="S51000", about="/V2/events")
    simulator.control("faults", fault="expired_token", count=1)
    simulator.control("faults", fault="slow", seconds=0.01)
    busy = ask()
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "7")
    assert ask().status_code == 500
    assert outcome(ask()) == (401, False)
    assert ask().json()["code"] == "S51000"
    simulator.control("faults", fault="wrong_type", count=1)
    assert isinstance(ask().json()["data"][0]["timestamp"], dict)
    assert isinstance(ask().json()["data"][0]["timestamp"], int)
    simulator.control("faults", fault="cut", count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        ask()


@pytest.mark.parametrize(
    ("path", "body", "known"),
    [
        ("faults", {"fault": "gremlins"}, ", ".join(NAMES)),
        ("faults", {"fault": "busy", "at": "sea"}, "media, webhook"),
        ("clips", {"history": [[0, 9]]}, "0, 1, 2, 3, 4, 5, 6"),
        ("clips", {"history": [[0, 3, "D_E20008"]]}, "D_E20007, D_E20009"),
        ("clips", {"history": [[0, 4, None, {"C_F": 8}]]}, "0, 1, 2, 3, 4, 5, 6, 7"),
        ("clips", {"videos": [{"kind": "gif"}]}, "mp4, html, truncated, wrong_size"),
        ("clips", {"histori": []}, "device, count, history, videos, never_answers"),
        ("devices", {"device": "driver-0001", "state": "lost"}, "online, standby, offline"),
        ("devices", {"device": "driver-9999", "state": "online"}, "driver-0001 to driver-0040"),
        ("webhook", {"url": "http://x", "types": ["GOSSIP"]}, "EVENT_TRIGGERED, TRIP_STARTED"),
        ("settings", {"colour": 1}, "token_seconds, access_at"),
    ],
)
def test_an_unknown_name_is_answered_with_those_there_are(
    simulator: Simulator, path: str, body: Json, known: str
) -> None:
    answer = simulator.http.post(f"/_simulator/{path}", json=body)
    assert answer.status_code == 400
    assert known in answer.json()["message"]


def test_it_says_who_is_simulated_without_a_key(simulator: Simulator) -> None:
    answer = simulator.http.get("/", headers=dict.fromkeys(KEY, ""))
    assert answer.json()["provider"] == "dashcam"
