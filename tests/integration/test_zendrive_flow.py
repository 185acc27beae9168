"""Claims: asked for, called back, in the lake; and who may not call us learns nothing."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.integration.claims import NEWS, Claims
from tests.integration.insurer import Insurer
from tests.sandbox.simulators.zendrive import SECRET

TODAY = datetime.now(UTC).date().isoformat()
RECEIVED, UNANSWERED = NEWS
SAMPLES = 12
NOISE = 2  # the fastest of each, on machines that do much else at the same time


@pytest.fixture
def claims(insurer: Insurer) -> Claims:
    return Claims(insurer)


def asked(insurer: Insurer, user: str, *more: str) -> tuple[int, Any]:
    said = insurer.telematics(
        *("collision", "request", "--user", user, "--date", TODAY, "--claim", "claim 4711"),
        *("--json", "--wait", *more),
    )
    return said.code, json.loads(said.out) if said.out else said.err


@pytest.mark.fault("duplicate", "down", of=("zendrive",))
def test_every_request_ends_as_it_has_to_and_what_came_is_in_the_lake(claims: Claims) -> None:
    insurer, zendrive = claims.insurer, claims.insurer.zendrive
    for number in range(1, 6):
        claims.add(f"claim-{number}", f"driver-000{number}")
    crash = zendrive.crash("driver-0001")
    zendrive.misbehave(fault="twice", driver="driver-0002", seconds=1)
    zendrive.misbehave(fault="never", driver="driver-0003")
    zendrive.misbehave(fault="refused", driver="driver-0004", reason="no such user")
    zendrive.misbehave(fault="busy", driver="driver-0005", count=2)
    with claims.listening() as news:
        others = claims.ask([(f"claim-{one}", TODAY, "claim 4711") for one in (2, 3, 4)])
        others.append(claims.put_on_bus("claim-5", TODAY, "claim 4711"))
        at = datetime.fromtimestamp(int(crash["timestamp"]), UTC).isoformat()
        place = ("--lat", f"{crash['latitude']}", "--lon", f"{crash['longitude']}")
        code, told = asked(insurer, "claim-1", "--at", at, *place)
        assert (code, told["state"]) == (0, "received")
        ended = claims.ended(others, within_seconds=80)
        heard = news.heard()
    assert [one["state"] for one in ended] == ["received", "unanswered", "refused", "received"]
    assert ended[1]["asks"] == 3
    assert "no such user" in ended[2]["reason"]
    assert heard == {
        (told["collision_id"], RECEIVED, "received"): 1,
        (others[0]["collision_id"], RECEIVED, "received"): 1,
        (others[1]["collision_id"], UNANSWERED, "unanswered"): 1,
        (others[2]["collision_id"], UNANSWERED, "refused"): 1,
        (others[3]["collision_id"], RECEIVED, "received"): 1,
    }
    insurer.wait_until_idle()
    mine = f"provider_user_id = '{crash['driver_id']}'"
    truth = zendrive.known()["drivers"][crash["driver_id"]]
    for table, count in truth.items():
        assert insurer.count(f"zendrive_{table}", mine) == count
    [row] = insurer.query(
        f"select g_force, current_speed_mps as speed, raw_key from zendrive_collisions where {mine}"  # noqa: S608  # a test's own
    )
    assert row["g_force"] == pytest.approx(crash["g_force"], abs=0.01)
    assert row["speed"] == pytest.approx(crash["speed_mps"], abs=0.1)
    assert row["raw_key"] == told["answers"][0]["raw_key"]
    again = asked(insurer, "claim-1", "--at", at, *place)
    assert (again[0], again[1]["collision_id"]) == (0, told["collision_id"])
    assert len(again[1]["requests"]) == 1
    states = insurer.whole_status()["tasks"]
    assert states["received"] >= 3
    assert "unknown" not in states


def test_nobody_is_asked_about_whom_we_may_not_know(claims: Claims) -> None:
    claims.add("claim-blocked", "driver-0006")
    claims.directory.block("claim-blocked", now=datetime.now(UTC))
    before = len(claims.insurer.zendrive.known()["asked"])
    for user in ("claim-blocked", "claim-nobody", claims.insurer.zendrive.driver("driver-0006")):
        code, _ = asked(claims.insurer, user)
        assert code == 1
    assert len(claims.insurer.zendrive.known()["asked"]) == before


@pytest.mark.fault("poison", of=("zendrive",))
def test_whatever_is_amiss_with_a_token_cannot_be_told_apart(claims: Claims) -> None:
    url = claims.insurer.whole_status()["webhooks"]["zendrive/collisions"]
    live, expired, used = (
        claims.token(),
        claims.token(expires_in=timedelta(hours=-1)),
        claims.token(),
    )
    now = datetime.now(UTC)
    claims.capabilities.use(
        claims.capabilities.find(used, "a digest", now=now), "a digest", now=now
    )
    amiss = {
        "forged": live[:-2] + live[-1] + live[-2] if live[-1] != live[-2] else f"{live[:-1]}-",
        "guessed": "g" * len(live),
        "truncated": live[:-1],
        "expired": expired,
        "used": used,
    }
    seconds, told = measured(
        {name: partial(post, url, one, b'{"a": 1}') for name, one in amiss.items()}
    )
    assert len(set(told.values())) == 1, told
    assert next(iter(told.values()))[0] == 404
    fastest = {name: min(taken) for name, taken in seconds.items()}
    assert max(fastest.values()) < NOISE * min(fastest.values()), fastest
    assert post(url, live, b"").status_code == 400
    assert post(url, live, b'{"a": "%s"}' % (b"x" * 5_000_000)).status_code == 413
    assert [post(url, live, b"no json").status_code for _ in range(2)] == [200, 200]
    assert post(url, live, b'{"a": 1}').status_code == 404
    claims.insurer.wait_until_idle()
    rows = claims.insurer.query(
        "select raw_key from quarantine where dataset = 'collision_details'"
    )
    assert len(rows) == 1


def post(url: str, token: str, body: bytes) -> httpx.Response:
    return httpx.post(url.replace("{token}", token), content=body, timeout=30)


def measured(
    calls: Mapping[str, Callable[[], httpx.Response]],
) -> tuple[dict[str, list[float]], dict[str, tuple[object, ...]]]:
    """How long each took, in turn; and what it was answered, but for the time and the request."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    told: dict[str, tuple[object, ...]] = {}
    for _ in range(SAMPLES):
        for name, call in calls.items():
            begun = time.perf_counter()
            answer = call()
            seconds[name].append(time.perf_counter() - begun)
            told[name] = (answer.status_code, answer.content, tuple(sorted(answer.headers)))
    return seconds, told


def test_notifications_are_taken_from_zendrive_alone_and_ask_by_themselves(claims: Claims) -> None:
    insurer, zendrive = claims.insurer, claims.insurer.zendrive
    claims.add("claim-7", "driver-0007")
    crash = zendrive.crash("driver-0007")
    url = insurer.whole_status()["webhooks"]["zendrive/notifications"]
    told = {"url": url, "from": TODAY, "to": TODAY, "driver": "driver-0007", "tries": 1}
    for mode, answer in (
        *(("wrong_signature", "401"), ("wrong_api_key", "401"), ("none", "401")),
        *(("signature", "200"), ("api_key", "200")),
    ):
        assert set(zendrive.notify(**told, mode=mode)["answers"]) == {answer}, mode
    insurer.wait_until_idle()
    mine = f"provider_user_id = '{crash['driver_id']}'"
    assert insurer.count("zendrive_notifications", f"{mine} and type = 'COLLISION'") == 1
    asked = [one for one in zendrive.known()["asked"] if one["driver"] == crash["driver_id"]]
    assert len(asked) == 1
    assert insurer.count("zendrive_collisions", mine) == 1


def test_no_token_place_or_person_is_in_a_log_or_an_execution(claims: Claims) -> None:
    told = claims.insurer.told()
    assert "collision finished" in told
    drivers = [claims.insurer.zendrive.driver(f"driver-000{one}") for one in range(1, 8)]
    for private in (SECRET["api_key"], "claim-1", "claim-7", *drivers, "webhook_url"):
        assert private not in told, private
