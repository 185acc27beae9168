"""Webhooks of the simulated dashcams: the documented envelope, repeated until success."""

import base64
import hashlib
import hmac

import pytest

from tests.sandbox.simulators.dashcam import WEBHOOK_SECRET
from tests.unit.simulated_dashcam import HOOK, Simulator

TRIGGERED = {
    *("device_sn", "device_cid", "gps", "timestamp", "event_type", "event_name", "ticket"),
    *("severity_level", "task_id", "detail", "snapshots", "video", "nfc"),
}


@pytest.fixture
def simulator() -> Simulator:
    one = Simulator()
    one.control("webhook", url=HOOK)
    return one


def test_a_crash_is_told_at_once_and_its_videos_later(simulator: Simulator) -> None:
    uuid = simulator.control("crash", driver="driver-0002")["uuid"]
    simulator.now += 20
    told = simulator.delivered()
    (triggered,), assets = (
        simulator.messages("EVENT_TRIGGERED"),
        simulator.messages("ASSET_UPLOADED"),
    )

    assert told["answers"] == {"200": 3}
    assert triggered.keys() == TRIGGERED
    assert triggered["detail"].endswith(f"/V2/event/{uuid}")
    assert (triggered["video"]["count"], triggered["severity_level"]) == (0, "Severe")
    assert {type(triggered["gps"][name]) for name in ("lng", "lat", "alt", "speed")} == {str}
    assert sorted(one["video"]["count"] for one in assets) == [1, 2]


def test_a_notice_comes_signed_in_the_documented_envelope(simulator: Simulator) -> None:
    simulator.control("crash", driver="driver-0002")
    simulator.now += 20
    simulator.delivered()
    one = simulator.received[0]
    digest = hmac.digest(WEBHOOK_SECRET.encode(), one["message"].encode(), hashlib.sha256)

    assert one.keys() == {"type", "hookName", "messageId", "message", "signature", "kid"}
    assert one["type"] == "Notification"
    assert one["signature"] == base64.b64encode(digest).decode()
    assert len({one["messageId"] for one in simulator.received}) == 3


def test_a_notice_is_repeated_until_it_is_answered_with_success(simulator: Simulator) -> None:
    simulator.answers = [(200, b"ok"), (200, b'{"status": "ok"}'), (503, b"")]
    simulator.control("notices", type="TRIP_STARTED", message={"trip_id": 7})
    told = simulator.delivered()
    assert told["answers"] == {"503": 1, "200 without success": 2, "200": 1}
    assert (told["delivered"], told["given_up"]) == (1, 0)
    assert len({one["messageId"] for one in simulator.received}) == 1
    assert simulator.messages("TRIP_STARTED") == [{"trip_id": 7}] * 4


def test_a_clip_is_told_step_by_step_once_its_device_is_back(simulator: Simulator) -> None:
    simulator.control("devices", device="driver-0001", state="offline")
    task = simulator.clip()
    assert simulator.messages("TASK_UPDATE") == []
    simulator.control("devices", device="driver-0001", state="online")
    simulator.now += 10
    simulator.delivered()
    updates = simulator.messages("TASK_UPDATE")

    assert {one["task_id"] for one in updates} == {task}
    assert sorted(one["task_state"] for one in updates) == [0, 1, 2, 4, 5]
    assert [one["status"] for one in simulator.messages("DEVICE_STATUS_UPDATE")] == [
        *("offline", "online")
    ]


def test_only_some_types_are_told_when_asked() -> None:
    simulator = Simulator()
    simulator.control("webhook", url=HOOK, types=["ASSET_UPLOADED"])
    simulator.control("crash", driver="driver-0002")
    simulator.now += 20
    simulator.delivered()
    assert {one["hookName"] for one in simulator.received} == {"ASSET_UPLOADED"}


def test_deliveries_go_wrong_as_told(simulator: Simulator) -> None:
    for fault in ("duplicate", "bad_signature", "malformed"):
        simulator.control("faults", fault=fault, count=1, about="GPS")
    simulator.control("notices", type="GPS_UPDATE", message={"speed": "12.5"})
    simulator.delivered()
    first, second = simulator.received

    assert first["messageId"] == second["messageId"]
    assert second["message"] == '{"speed":"12.5"}'
    assert first["message"] == second["message"][: len(second["message"]) // 2]
    assert first["signature"] != second["signature"]


def test_nothing_is_told_once_it_is_cleared(simulator: Simulator) -> None:
    simulator.control("crash", driver="driver-0002")
    simulator.http.delete("/_simulator/webhook")
    simulator.control("notices", type="GPS_UPDATE", message={})
    assert simulator.delivered()["waiting"] == 0
    assert simulator.messages("GPS_UPDATE") == []
