"""The simulator of MOVE as a client meets it: items, points, labels, users and faults."""

from typing import Any

import httpx
import pytest

from tests.sandbox.simulators.move.faults import NAMES
from tests.unit.simulated_move import DAY, PRODUCT, Json, Simulator, feature, path_of


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def drive(simulator: Simulator) -> Json:
    """With a fraction of a second in its start, and features as an object."""
    return next(
        one
        for one in simulator.items(*range(1, 41))
        if one["type"] == "DRIVING"
        and "." in one["startTs"]
        and isinstance(one["features"], dict)
        and total([one], "events", "drivingBehaviorEvents")
    )


def batched(one: Json, **more: object) -> Json:
    return {"productId": 1000, "contractId": one["contractId"], "startTs": one["startTs"], **more}


def statuses(*answers: httpx.Response) -> list[int]:
    return [answer.status_code for answer in answers]


def test_features_come_in_every_shape_that_is_documented(simulator: Simulator) -> None:
    found = simulator.items(*range(1, 41))
    lists = [one["features"] for one in found if isinstance(one["features"], list)]
    plain = [one["features"] for one in found if isinstance(one["features"], dict)]
    names = {name for features in plain for name in features}
    scores = [features.get("scores") for features in plain if "drivingBehaviorEvents" in features]

    assert {"dangerous_areas", "dangerousAreas", "phoneDistractions", "metas", "weather"} <= names
    assert any("@type" in part for features in lists for part in features)
    assert None in scores
    assert {"@type" in one for one in scores if one} == {True, False}
    assert len({one["type"] for one in found}) >= 6
    assert {len(one["startTs"]) for one in found} == {20, 24, 27}
    assert found == Simulator().items(*range(1, 41))


def test_the_list_is_cut_at_its_oldest_and_overlaps_its_period(simulator: Simulator) -> None:
    starts = [one["startTs"] for one in simulator.get("", contractId="driver-0001").json()]
    newest = simulator.items(1)[0]
    middle = int(path_of(newest)["path"][1:]) + 60
    at_once = simulator.get("", contractId="driver-0001", **{"from": middle, "to": middle}).json()

    assert len(starts) == 10
    assert starts == sorted(starts, reverse=True)
    assert at_once == [newest]
    assert simulator.get("", contractId="driver-9999").json() == []


def test_one_item_is_found_by_its_whole_seconds(simulator: Simulator, drive: Json) -> None:
    assert simulator.get(**path_of(drive)).json() == drive
    assert simulator.get("/1686000000", contractId="driver-0001").status_code == 404


def test_a_batch_is_asked_for_in_each_shape(simulator: Simulator, drive: Json) -> None:
    seconds = path_of(drive)["path"][1:]
    unknown = batched(drive, startTs="2023-06-06T00:00:01Z")
    shapes: list[object] = [
        [batched(drive), unknown],
        batched(drive),
        batched(drive, startTs=[drive["startTs"], unknown["startTs"]]),
        [batched(drive, startTs=seconds)],
        [batched(drive, startTs=int(seconds))],
    ]
    assert [simulator.batch(shape).json() for shape in shapes] == [[drive]] * 5
    assert simulator.batch([batched(drive)] * 1001).status_code == 400


def test_points_are_of_rides_only_and_tell_of_the_road_when_asked(
    simulator: Simulator, drive: Json
) -> None:
    one = path_of(drive)
    one["path"] += "/points"
    plain = simulator.get(**one).json()
    detailed = simulator.get(**one, withWayPointInfo="true").json()
    known = simulator.http.get("/_simulator/item", params=asked(drive)).json()
    stay = next(item for item in simulator.items(1) if item["type"] == "IDLE")
    refused = path_of(stay)

    assert len(plain) == len(detailed) == known["points"] > 20
    assert plain[0].keys() == {"timestamp", "lat", "lon"}
    assert plain[0]["timestamp"][:23] == drive["startTs"][:23]
    assert detailed[3]["wayPointInfo"].keys() >= {"speed", "speedLimit", "wayType", "roadLat"}
    assert simulator.get(refused.pop("path") + "/points", **refused).status_code == 400


def asked(item: Json) -> dict[str, str]:
    """As the simulator's own routes name it."""
    return {"contract": item["contractId"], "start": path_of(item)["path"][1:]}


def test_an_item_is_relabelled_aloud_and_in_silence(simulator: Simulator, drive: Json) -> None:
    path = f"/timeline/v1_5/label{path_of(drive)['path']}/TRAIN"
    query = PRODUCT | {"contractId": drive["contractId"]}
    assert simulator.http.patch(path, params=query).json() == drive | {"type": "TRAIN"}
    assert simulator.http.patch(path + "S", params=query).status_code == 400

    silent = {"contract": drive["contractId"], "start": int(asked(drive)["start"])}
    simulator.http.post("/_simulator/relabel", json=silent | {"type": "FAKETRIP"})
    assert simulator.get(**path_of(drive)).json()["type"] == "FAKETRIP"


def test_the_other_version_has_other_names(simulator: Simulator, drive: Json) -> None:
    query = {"projectId": "1000", "userId": drive["contractId"]}
    item = simulator.http.get("/v20/timeline" + path_of(drive)["path"], params=query).json()
    events = feature(item, "drivingBehaviorEvents")["events"]

    assert events
    assert (item["projectId"], item["userId"]) == (1000, drive["contractId"])
    assert item["startTimeZone"] == "Europe/Brussels"
    assert all("time" not in event and event["timestamp"].endswith("Z") for event in events)
    assert simulator.http.get("/v20/timeline", params=query | PRODUCT).status_code == 200
    assert simulator.get("", **query).status_code == 400


def test_users_are_registered_blocked_and_deleted(simulator: Simulator, drive: Json) -> None:
    user: dict[str, Any] = {"contractId": drive["contractId"]}  # Any: JSON
    post = simulator.http.post
    registered = post("/sdk-auth/v1_5/jwt/registeruser", json=user).json()
    assert registered["accessToken"]
    assert registered["productId"] == 1000

    for blocks, status in ((True, 403), (False, 200)):
        post("/access/v1_5/block", json=user | {"productId": 1000, "block": blocks})
        answers = simulator.get(**path_of(drive)), simulator.batch(batched(drive))
        assert statuses(*answers, simulator.get("", **user)) == [status] * 3

    post("/sdk-auth/v1_5/deleteuser", json=user)
    assert simulator.get(**path_of(drive)).status_code == 404
    assert simulator.get("", **user).json() == []


def test_who_asks_wrongly_is_refused(simulator: Simulator) -> None:
    user = {"contractId": "driver-0001"}
    strange = simulator.http.get("/timeline/v1_5", params=PRODUCT | user, auth=("1000", "wrong"))
    nameless = simulator.http.get("/timeline/v1_5", params=user)
    milliseconds = simulator.get("/1686000000000", **user), simulator.get("", **user, to=10**12)
    limits = (simulator.get("", **user, limit=limit) for limit in (0, 10_001))

    assert statuses(strange, nameless, *milliseconds, *limits) == [401] + [400] * 5


def test_trouble_strikes_as_often_and_where_it_is_told(simulator: Simulator, drive: Json) -> None:
    simulator.fault(fault="busy", count=1, seconds=7)
    simulator.fault(fault="error", count=1, at="batch")
    simulator.fault(fault="forbidden", contract="driver-0999")
    simulator.fault(fault="slow", seconds=0.01)
    busy = simulator.get(**path_of(drive))
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "7")
    assert simulator.get(**path_of(drive)).status_code == 200
    assert statuses(*(simulator.batch(batched(drive)) for _ in range(2))) == [500, 200]
    assert simulator.get("", contractId="driver-0999").status_code == 403

    simulator.fault(fault="cut", count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.get(**path_of(drive))


def test_a_late_upload_is_known_once_it_was_asked_for(simulator: Simulator, drive: Json) -> None:
    simulator.fault(fault="missing", contract=drive["contractId"], count=2)
    assert simulator.get("", contractId=drive["contractId"]).json() == []
    assert [len(simulator.batch(batched(drive)).json()) for _ in range(3)] == [0, 0, 1]


def test_a_feature_that_nobody_documented_comes_with_the_items(
    simulator: Simulator, drive: Json
) -> None:
    simulator.fault(fault="unknown_feature", count=1)
    found = [simulator.get(**path_of(drive)).json()["features"] for _ in range(2)]
    assert ["signalQuality" in features for features in found] == [True, False]


def test_an_unknown_fault_is_answered_with_those_there_are(simulator: Simulator) -> None:
    answer = simulator.http.post("/_simulator/faults", json={"fault": "gremlins"})
    assert answer.status_code == 400
    assert ", ".join(NAMES) in answer.json()["message"]


def test_the_truth_of_a_day_is_what_the_api_says(simulator: Simulator) -> None:
    truth, found = simulator.truth(**{"from": DAY, "to": DAY}), simulator.items(*range(1, 41))
    areas = ("dangerous_areas", "dangerousAreas")
    rides = [path_of(one) for one in found if one["type"] in ("DRIVING", "CYCLING")]
    points = [simulator.get(one.pop("path") + "/points", **one).json() for one in rides]

    assert truth["notified"] == truth["tables"]["timeline_items"] == 0
    assert truth["known_tables"] == {
        "timeline_items": len(found),
        "driving_events": total(found, "events", "drivingBehaviorEvents"),
        "phone_distractions": total(found, "distractions", "phoneDistractions"),
        "dangerous_areas": total(found, "areas", *areas),
        "points": sum(map(len, points)),
    }
    assert min(truth["known_tables"].values()) > 10


def total(items: list[Json], part: str, *names: str) -> int:
    return sum(len(feature(item, name).get(part, ())) for item in items for name in names)
