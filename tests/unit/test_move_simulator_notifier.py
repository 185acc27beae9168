"""The notifiers of the simulator of MOVE: signed, repeated until 200, and wrong when told so."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sandbox.simulators.move import SECRET
from tests.unit.simulated_move import DAY, HOOKS, PRODUCT, Json, Simulator

TIMELINE = {"timeline_url": HOOKS["timeline_url"]}


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(users=6)


def items(simulator: Simulator) -> list[Json]:
    bodies = [json.loads(one.content) for one in simulator.received if "timeline" in one.url.path]
    return [item for body in bodies for item in body["items"]]


def names(told: Sequence[Json]) -> set[tuple[str, str]]:
    return {(one["contractId"], one["startTime"]) for one in told}


def test_a_day_is_notified_as_documented(simulator: Simulator) -> None:
    run, truth = simulator.notify(**HOOKS), simulator.truth()
    told = items(simulator)
    generic = json.loads(next(one for one in simulator.received if "not" in one.url.path).content)

    assert run["answers"] == {"200": 2}
    assert len(names(told)) == len(told) == run["items"] == truth["notified"]
    assert truth["tables"] == simulator.truth(**{"from": DAY, "to": DAY})["known_tables"]
    assert told[0].keys() == {"productId", "contractId", "startTime", "endTime", "type"}
    assert {one["type"] for one in told} <= {"IDLE", "CYCLING", "WALKING", "DRIVING"}
    assert len(generic) == len({one["id"] for one in generic}) == truth["notifications"] > 0
    assert all(isinstance(value, str) for one in generic for value in one["data"].values())


def test_anybody_can_check_the_signature(simulator: Simulator, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl")
    simulator.notify(**TIMELINE)
    (tmp_path / "body").write_bytes(simulator.received[0].content)
    secret = SECRET["timeline_secret"]
    digest = [openssl, "dgst", "-sha256", "-hmac", secret, "-binary", str(tmp_path / "body")]
    made = subprocess.run(digest, capture_output=True, check=True)  # noqa: S603  # our own words
    spelt = subprocess.run([openssl, "base64"], input=made.stdout, capture_output=True, check=True)  # noqa: S603

    given = simulator.received[0].headers["x-dolphin-signature"]
    assert given == f"sha256={spelt.stdout.decode().strip()}"


def test_a_delivery_is_repeated_until_it_is_answered_200(simulator: Simulator) -> None:
    simulator.trouble = [202, 503]
    run = simulator.notify(**TIMELINE)
    assert run["answers"] == {"503": 1, "202": 1, "200": 1}
    assert len({one.content for one in simulator.received}) == 1


def test_copies_come_in_any_order(simulator: Simulator) -> None:
    run = simulator.notify(**TIMELINE, batch=5, copies=2, shuffle=True)
    told = items(simulator)
    contracts = [one["contractId"] for one in told]
    assert len(told) == 2 * run["items"] == 2 * len(names(told))
    assert contracts != sorted(contracts)


def test_more_items_than_people_have_are_known_to_the_api(simulator: Simulator) -> None:
    run = simulator.notify(**TIMELINE, items=500, batch=200, drop=0.1, points_every=4)
    truth = simulator.truth()
    wanted = [
        {**PRODUCT, "contractId": one, "startTs": start} for one, start in names(items(simulator))
    ]
    lost = [
        {**PRODUCT, "contractId": one["contract"], "startTs": one["start"]}
        for one in truth["dropped"]
    ]

    assert run["deliveries"] == 3
    assert run["items"] + run["dropped"] == 500
    assert len(simulator.batch(wanted).json()) == run["items"] == truth["notified"]
    assert len(simulator.batch(lost).json()) == run["dropped"] == len(lost) > 20
    assert truth["tables"]["timeline_items"] == run["items"]
    assert truth["with_points"] < run["items"] / 8


def test_only_some_types_are_notified_when_asked(simulator: Simulator) -> None:
    simulator.notify(**TIMELINE, types=["WALKING"])
    assert simulator.truth()["items"].keys() == {"WALKING"}
    refused = simulator.http.post("/_simulator/notify", json={"types": ["FLYING"]})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "fault", ["bad_signature", "hex_signature", "wrong_prefix", "no_signature"]
)
def test_a_wrong_signature_is_put_right_afterwards(simulator: Simulator, fault: str) -> None:
    simulator.fault(fault=fault, count=2, at="timeline")
    assert simulator.notify(**TIMELINE)["answers"] == {"401": 2, "200": 1}


def test_what_is_not_documented_comes_beside_the_items(simulator: Simulator) -> None:
    simulator.fault(fault="malformed", count=1)
    simulator.fault(fault="partly_malformed", count=1)
    simulator.notify(**TIMELINE)
    malformed, partly = sorted((one.content for one in simulator.received), key=len)

    assert b"startTime" not in malformed
    assert json.loads(partly)["items"][0]["startTime"] == "yesterday"
    assert len(json.loads(partly)["items"]) == simulator.truth()["notified"] + 1


def test_the_names_of_the_other_version_may_come(simulator: Simulator) -> None:
    simulator.fault(fault="v20", count=1)
    simulator.notify(**TIMELINE)
    assert items(simulator)[0].keys() >= {"projectId", "userId", "startTime"}
