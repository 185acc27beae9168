"""Whoever is blocked or erased: what comes of them is dropped, and what comes beside it is kept."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from telematics.ledger import Ledger
from telematics.providers.move.webhooks import SIGNATURE
from tests.integration.conftest import USERS
from tests.integration.insurer import Insurer
from tests.integration.test_users_core import Desk
from tests.integration.traces import Search
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.people import Population

DAY, SEED = "2023-05-20", 7
SYNCED = (datetime.now(UTC).date() - timedelta(days=6)).isoformat()
BLOCKED, OTHER = Population(SEED, USERS).person(11), Population(SEED, USERS).person(12)
ERASED = "erased-person-4711"
THERE_WITHIN_SECONDS, FLOWS_ON_SECONDS, EVERY_SECONDS = 60.0, 6.0, 0.2
MOST_SECONDS = 15.0


@pytest.fixture(scope="module")
def gated(sandbox: Sandbox) -> Iterator[Insurer]:
    """Somebody with links, who is let in again in the end."""
    insurer = Insurer(sandbox)
    links = ("--move", BLOCKED.user_id, "--sentiance", BLOCKED.identity("sentiance"))
    said = insurer.telematics("user", "add", "gated", *links, "--dashcam", f"{BLOCKED.number}")
    assert said.code == 0, said.err
    yield insurer
    insurer.telematics("user", "unblock", "gated", "--reason", "it is over")


def ordered(insurer: Insurer, *words: str) -> Any:
    said = insurer.telematics(*words, "--json")
    assert said.code == 0, said.err
    return said.json


def rows(insurer: Insurer, table: str, name: str) -> int:
    where = f"day = date '{DAY}' and provider_user_id = '{name}'"
    return insurer.count(table, where)


def notice(number: int, contract: str) -> dict[str, Any]:
    at = datetime.fromisoformat(f"{DAY}T00:00:00+00:00") + timedelta(minutes=number)
    return {
        "id": f"flow-{number}-{contract}",
        "productId": int(SECRET["product_id"]),
        "contractId": contract,
        "time": at.isoformat().replace("+00:00", "Z"),
        "type": "POI",
        "data": {"place": "home"},
    }


def post(url: str, told: object, secret: str) -> int:
    body = json.dumps(told).encode()
    headers = {
        "Content-Type": "application/json",
        **{SIGNATURE.header: SIGNATURE.sign(body, secret)},
    }
    return httpx.post(url, content=body, headers=headers).status_code


def flowing(insurer: Insurer, *, until: Callable[[], bool]) -> Iterator[int]:
    """Notifications of both, one after the other, and for a while longer; how many so far."""
    url = insurer.whole_status()["webhooks"]["move/notifications"]
    end, number = float("inf"), 0
    while time.monotonic() < end:
        number += 1
        told = [notice(number, one.user_id) for one in (BLOCKED, OTHER)]
        assert post(url, told, SECRET["notifications_secret"]) == 200
        yield number
        time.sleep(EVERY_SECONDS)
        if until():
            end = min(end, time.monotonic() + FLOWS_ON_SECONDS)


def block_once_they_are_there(insurer: Insurer) -> datetime:
    deadline = time.monotonic() + THERE_WITHIN_SECONDS
    while not rows(insurer, "move_notifications", BLOCKED.user_id):
        assert time.monotonic() < deadline
    told = ordered(insurer, "user", "block", "gated", "--reason", "asked us to")
    return datetime.fromisoformat(told["since"])


def test_somebody_who_is_blocked_falls_silent_within_seconds(
    gated: Insurer, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as desk:
        number, blocking = 0, desk.submit(block_once_they_are_there, gated)
        for sent in flowing(gated, until=blocking.done):
            number = sent
        since = blocking.result()
    gated.wait_until_idle()
    assert rows(gated, "move_notifications", OTHER.user_id) == number
    before = rows(gated, "move_notifications", BLOCKED.user_id)
    assert 0 < before < number
    [last] = gated.query(
        "select cast(to_unixtime(max(loaded_at)) as double) as at from move_notifications"  # noqa: S608  # own
        f" where provider_user_id = '{BLOCKED.user_id}' and day = date '{DAY}'"
    )
    silence = max((last["at"] or 0) - since.timestamp(), 0)
    with capsys.disabled():
        sys.stdout.write(
            f"\nblocked: silent after {silence:.1f} s; {before} of {number} came before\n"
        )
    assert silence < MOST_SECONDS


@pytest.mark.thorough
def test_details_are_asked_of_others_only_and_nothing_is_waited_for(gated: Insurer) -> None:
    gated.notified(**{"from": DAY, "to": DAY, "batch": 25, "types": ["DRIVING"]})
    assert rows(gated, "move_timeline_items", BLOCKED.user_id) == 0
    assert rows(gated, "move_points", BLOCKED.user_id) == 0
    truth = gated.move.known(DAY)["tables"]["timeline_items"]
    assert 0 < gated.count("move_timeline_items", f"day = date '{DAY}'") < truth
    status = gated.whole_status()
    assert status["providers"]["move"]["completeness"] == 1.0
    assert all(queue["dead"] == 0 for queue in status["queues"].values())
    assert sum(row.dropped for row in ledger(gated).rows("move")) > 0


def ledger(insurer: Insurer) -> Ledger:
    database = insurer.stack.session.resource("dynamodb", endpoint_url=insurer.stack.endpoint)
    return Ledger(database.Table(insurer.stack.outputs["LedgerTable"]))


@pytest.mark.thorough
def test_an_offload_comes_without_them_and_is_not_fetched_again(gated: Insurer) -> None:
    assert gated.fetch(DAY).json["complete"]
    gated.wait_until_idle()
    names = (BLOCKED.identity("sentiance"), BLOCKED.user_id)
    for name in names:
        assert rows(gated, "sentiance_transports", name) == 0
    assert rows(gated, "sentiance_transports", OTHER.identity("sentiance")) > 0
    status = gated.status(DAY)
    assert (status["completeness"], status["missing"]) == (1.0, [])
    assert status["dropped"] > 0
    before = attempts(gated)
    assert gated.fetch(DAY).json["complete"]
    assert attempts(gated) == before


def attempts(insurer: Insurer) -> dict[str, int]:
    day = date.fromisoformat(DAY)
    return {row.file: row.attempts for row in ledger(insurer).rows("sentiance", day, day)}


@pytest.mark.thorough
def test_their_dashcam_is_not_looked_into_and_gives_no_clip(gated: Insurer) -> None:
    crashed_at = int(datetime.fromisoformat(f"{SYNCED}T10:00:00+00:00").timestamp())
    for one in (BLOCKED, OTHER):
        gated.dashcam.told("crash", driver=one.user_id, at=crashed_at)
    ordered(gated, "sync", "dashcam", "--from", SYNCED, "--to", SYNCED)
    gated.wait_until_idle()
    found = gated.query(
        "select distinct provider_user_id as driver from dashcam_events"  # noqa: S608  # own
        f" where day = date '{SYNCED}'"
    )
    drivers = {row["driver"] for row in found}
    assert f"{OTHER.number}" in drivers
    assert f"{BLOCKED.number}" not in drivers
    words = ("--at", f"{SYNCED}T10:00:00Z", "--reason", "claim 4711")
    device = gated.dashcam.device(BLOCKED.user_id)
    refused = gated.telematics("clip", "request", "--device", device, *words)
    assert refused.code != 0
    assert "blocked" in refused.err


def test_a_trip_of_theirs_gets_no_label(gated: Insurer) -> None:
    trip = f"20230520T080000.000Z-{SECRET['product_id']}-{BLOCKED.user_id}"
    refused = gated.telematics("move", "label", trip, "CAR")
    assert refused.code != 0
    assert "blocked" in refused.err


def test_a_delivery_that_names_somebody_erased_leaves_no_trace_of_them(gated: Insurer) -> None:
    """Webhooks store first and ask nobody: what is loaded from there is looked through."""
    desk, now = Desk(gated), datetime.now(UTC)
    desk.directory.add(ERASED, {"move": ERASED}, now=now)
    desk.directory.erase(ERASED, now=now)
    desk.directory.bury(ERASED, erasure_id="erasure-of-a-test", now=now)
    urls = gated.whole_status()["webhooks"]
    told = [notice(900, ERASED), notice(900, OTHER.user_id)]
    assert post(urls["move/notifications"], told, SECRET["notifications_secret"]) == 200
    items = {"items": [item(ERASED), item(ERASED)]}
    assert post(urls["move/timeline"], items, SECRET["timeline_secret"]) == 200
    gated.wait_until_idle()
    assert Search(gated).places([ERASED]) == []
    where = f"notification_id = 'flow-900-{OTHER.user_id}'"
    assert gated.count("move_notifications", where) == 1


def item(contract: str) -> dict[str, Any]:
    times = {"startTime": f"{DAY}T09:00:00Z", "endTime": f"{DAY}T09:30:00Z"}
    whose = {"productId": int(SECRET["product_id"]), "contractId": contract}
    return {**whose, **times, "type": "DRIVING"}
