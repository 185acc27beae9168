"""The simulator of Zendrive when it misbehaves: in its answers, and in its callbacks."""

import hashlib
import time

import httpx
import orjson
import pytest

from tests.sandbox.simulators.zendrive import outbox
from tests.sandbox.simulators.zendrive.faults import NAMES, OF_CALLBACKS
from tests.unit.simulated_zendrive import DAY, HOOK, NOON, Simulator


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def fault(simulator: Simulator, name: str, **more: object) -> None:
    simulator.control("faults", fault=name, **more)


def test_a_callback_comes_when_it_is_due_and_once(simulator: Simulator) -> None:
    simulator.trouble = [500]
    assert simulator.ask().content == b""
    simulator.seconds += 1.9
    assert simulator.look("truth")["waiting"] == 1
    assert simulator.received == []

    simulator.delivered(0.2)

    [request] = simulator.received
    [asked] = simulator.look("truth")["asked"]
    digest = hashlib.sha256(request.content).hexdigest()
    assert (request.method, str(request.url)) == ("POST", HOOK)
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers
    [note] = asked["callbacks"]
    assert note == {
        "answer": "500",
        "sha256": digest,
        "bytes": len(request.content),
        "kind": "plain",
    }
    assert simulator.look("truth")["tables"]["trips"] == 0


def test_what_is_never_answered_was_accepted_all_the_same(simulator: Simulator) -> None:
    fault(simulator, "never", driver="driver-0002")
    assert [simulator.ask(number).status_code for number in (1, 2)] == [202, 202]
    assert [one["user_id"] for one in simulator.delivered()] == [simulator.id(1)]
    assert [len(one["callbacks"]) for one in simulator.look("truth")["asked"]] == [1, 0]


def test_an_answer_comes_twice_and_late(simulator: Simulator) -> None:
    fault(simulator, "twice", count=1, seconds=5)
    fault(simulator, "late", driver=simulator.id(2), seconds=60)
    simulator.ask(1)
    simulator.ask(2)
    simulator.seconds += 8
    while len(simulator.received) < 2 or simulator.look("truth")["waiting"] > 1:
        time.sleep(0.005)
    assert simulator.look("truth")["waiting"] == 1
    simulator.delivered()

    first, again, late = simulator.received
    assert first.content == again.content
    assert orjson.loads(late.content)["user_id"] == simulator.id(2)


def test_callbacks_come_in_any_order(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SENDERS", 1)  # several would shuffle them, too
    simulator.control("settings", spread_seconds=100)
    asked = [simulator.id(number) for number in range(1, 13)]
    for number in range(1, 13):
        simulator.ask(number)
    simulator.seconds += 2
    assert simulator.look("truth")["waiting"] == 12

    order = [one["user_id"] for one in simulator.delivered(100)]

    assert sorted(order) == sorted(asked)
    assert order != asked


def test_a_wrong_token_is_as_long_as_the_right_one(simulator: Simulator) -> None:
    fault(simulator, "wrong_token", count=1)
    simulator.ask()
    simulator.delivered()
    [request] = simulator.received
    path, _, token = str(request.url).rpartition("/")
    assert path == HOOK.rpartition("/")[0]
    assert len(token) == len(HOOK.rpartition("/")[2])
    assert token not in HOOK
    assert simulator.look("truth")["tables"]["trips"] == 0


def test_a_truncated_body_is_half_of_it(simulator: Simulator) -> None:
    simulator.answered()
    fault(simulator, "truncated", count=1)
    simulator.ask()
    simulator.seconds += 100
    while simulator.look("truth")["waiting"]:
        time.sleep(0.005)
    whole, half = (one.content for one in simulator.received)
    assert half == whole[: len(whole) // 2]


def test_an_answer_may_have_no_trips_or_pin_no_collision_down(simulator: Simulator) -> None:
    crash = simulator.control("crash", driver="driver-0001", at=NOON - 3600)
    fault(simulator, "no_trips", count=1)
    assert simulator.answered(day=crash["date"])["trip_info"] == []

    fault(simulator, "no_collision", count=1)
    found = simulator.answered(day=crash["date"])["trip_info"]
    assert {4} <= {event["event_type"] for one in found for event in one["events"]}
    assert [one["collision_info"] for one in found] == [{}] * len(found)


@pytest.mark.parametrize("size", [4_000, 300_000, 4_000_000, 6_000_000])
def test_an_answer_is_of_any_size_to_the_byte(simulator: Simulator, size: int) -> None:
    """Larger ones are full of points, and not of blanks."""
    fault(simulator, "size", bytes=size, count=1)
    payload = simulator.answered()
    [request] = simulator.received
    assert len(request.content) == max(size, len(request.content.rstrip()))
    if size >= 300_000:
        assert len(request.content) == size
        assert len(request.content.rstrip()) > 0.97 * size
        stamps = [p["timestamp"] for p in payload["trip_info"][0]["raw_gps"]]
        assert len(set(stamps)) == len(stamps)


def test_calls_are_refused_as_told(simulator: Simulator) -> None:
    fault(simulator, "busy", count=1, seconds=7)
    fault(simulator, "error", driver="driver-0002", status=503)
    fault(simulator, "refused", driver=simulator.id(3), status=403, reason="not of this customer")

    busy, fine, broken, refused = (simulator.ask(number) for number in (1, 1, 2, 3))

    assert (busy.status_code, busy.headers["retry-after"]) == (429, "7")
    assert [fine.status_code, broken.status_code, refused.status_code] == [202, 503, 403]
    assert refused.json() == {"error": "not of this customer"}
    assert [one["status"] for one in simulator.look("truth")["asked"]] == [429, 202, 503, 403]
    assert len(simulator.delivered()) == 1


def test_a_connection_that_is_cut_loses_the_answer_and_not_the_request(
    simulator: Simulator,
) -> None:
    fault(simulator, "cut", count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.ask()
    assert len(simulator.delivered()) == 1


def test_a_share_of_the_questions_keeps_its_fault_however_often_it_is_asked(
    simulator: Simulator,
) -> None:
    fault(simulator, "never", every=3)
    for _ in range(2):
        for number in range(1, 10):
            simulator.ask(number)
    asked = [simulator.id(number) for number in range(1, 10) if number % 3]
    assert sorted(one["user_id"] for one in simulator.delivered()) == sorted(asked * 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "unheard_of"},
        {"fault": "busy", "at": "nowhere"},
        {"fault": "size", "bytes": 0},
        {"fault": "never", "every": 0},
        {"fault": "never", "user": "driver-0001"},
    ],
)
def test_a_fault_that_nobody_knows_is_told_with_those_there_are(
    simulator: Simulator, wrong: dict[str, object]
) -> None:
    answer = simulator.http.post("/_simulator/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_every_fault_can_be_asked_for_and_cleared(simulator: Simulator) -> None:
    for name in NAMES:
        fault(simulator, name)
    assert len(simulator.look("faults")["faults"]) == len(NAMES) > len(OF_CALLBACKS)
    simulator.http.delete("/_simulator/faults", params={"fault": "never"})
    assert "never" not in {one["fault"] for one in simulator.look("faults")["faults"]}
    simulator.http.delete("/_simulator/faults")
    assert simulator.answered(day=DAY)["trip_info"]
