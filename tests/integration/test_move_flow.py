"""From MOVE's signed notifications to trips with their details, answered by SQL."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from telematics.providers.move.webhooks import SIGNATURE
from tests.integration.insurer import Insurer
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.simulators.move import SECRET

DAY = "2023-06-04"
PILE = 15  # objects
DRIVES = """
    select i.trip_id, i.provider_user_id as contract,
        cast(to_unixtime(i.start_ts) as bigint) as start, count(*) as events
    from move_timeline_items i join move_driving_events e on e.trip_id = i.trip_id
    where i.day = date '%s' and i.type = 'DRIVING' group by 1, 2, 3 order by 4 desc
"""
NEVER_TOLD = "trip_id not in (select trip_id from move_notifications where trip_id is not null)"
TABLES = (
    "timeline_items",
    "driving_events",
    "phone_distractions",
    "dangerous_areas",
    "points",
)


@pytest.fixture(scope="module")
def notified(sandbox: Sandbox) -> Insurer:
    insurer = Insurer(sandbox)
    run = insurer.notified(**{"from": DAY, "to": DAY}, batch=50)
    assert set(run["answers"]) == {"200"}
    return insurer


def rows(insurer: Insurer, day: str) -> dict[str, int]:
    where = f"day = date '{day}'"
    return {name: insurer.count(f"move_{name}", where) for name in TABLES}


def kind_of(insurer: Insurer, trip_id: str) -> str:
    sql = f"select type from move_timeline_items where trip_id = '{trip_id}'"  # noqa: S608  # own
    [row] = insurer.query(sql)
    return str(row["type"])


def trip(insurer: Insurer, day: str) -> Mapping[str, Any]:
    """A drive with events, and what the simulator needs to find it."""
    return insurer.query(DRIVES % day)[0]


def test_every_notified_item_is_there_with_all_its_details(notified: Insurer) -> None:
    truth = notified.move.known(DAY)
    assert rows(notified, DAY) == truth["tables"]
    assert truth["tables"]["points"] > truth["tables"]["timeline_items"] > 0
    told = notified.count("move_notifications", f"day = date '{DAY}'")
    assert told == truth["notified"] + truth["notifications"]


def test_status_says_that_nothing_is_missing(notified: Insurer) -> None:
    status = notified.whole_status()
    move = status["providers"]["move"]
    assert (move["completeness"], move["missing"], move["quarantined"]) == (1.0, [], 0)
    assert move["listed"] == move["stored"] == move["loaded"] > 0
    assert all(queue == {"waiting": 0, "dead": 0} for queue in status["queues"].values())


@pytest.mark.fault("duplicate", "reorder", of=("move",))
def test_what_is_delivered_twice_in_another_order_is_there_once(insurer: Insurer) -> None:
    day = "2023-06-05"
    for batch in (20, 33):
        insurer.notified(**{"from": day, "to": day}, batch=batch, copies=2, shuffle=True)
    assert rows(insurer, day) == insurer.move.known(day)["tables"]
    twice = insurer.query(
        "select notification_id from move_notifications group by 1 having count(*) > 1"
    )
    assert twice == []


@pytest.mark.parametrize("fault", ["bad_signature", "hex_signature"])
def test_a_delivery_that_is_not_signed_right_is_refused_until_it_is(
    insurer: Insurer, fault: str
) -> None:
    insurer.move.misbehave(fault=fault, count=2, at="timeline")
    run = insurer.notified(**{"from": "2023-06-06", "to": "2023-06-06"}, items=5)
    assert run["answers"]["401"] == 2
    assert run["given_up"] == 0


@pytest.mark.fault("poison", of=("move",))
def test_signed_deliveries_that_make_no_sense_are_taken_and_quarantined(insurer: Insurer) -> None:
    before = insurer.count("quarantine")
    insurer.move.misbehave(fault="malformed", count=2, at="timeline")
    insurer.move.misbehave(fault="partly_malformed", count=1, at="timeline")
    day = "2023-06-07"
    run = insurer.notified(**{"from": day, "to": day}, batch=20)
    assert set(run["answers"]) == {"200"}
    assert insurer.count("quarantine") >= before + 3
    assert rows(insurer, day) == insurer.move.known(day)["tables"]


def test_what_the_api_knows_later_is_asked_for_again(insurer: Insurer) -> None:
    day = "2023-06-08"
    insurer.move.misbehave(fault="missing", count=5)
    insurer.notified(**{"from": day, "to": day}, batch=20)
    assert rows(insurer, day) == insurer.move.known(day)["tables"]
    assert insurer.whole_status()["providers"]["move"]["completeness"] == 1


def test_somebody_blocked_is_left_out_with_a_reason_and_the_others_come(insurer: Insurer) -> None:
    day = "2023-06-09"
    insurer.move.misbehave(fault="forbidden", contract="driver-0001")
    insurer.notified(**{"from": day, "to": day}, batch=20)
    where = f"day = date '{day}' and provider_user_id = 'driver-0001'"
    assert insurer.count("move_timeline_items", where) == 0
    assert insurer.count("move_notifications", where) > 0
    others = insurer.move.known(day)["notified"] - insurer.count(
        "move_notifications", f"{where} and notifier = 'timeline'"
    )
    assert insurer.count("move_timeline_items", f"day = date '{day}'") == others
    assert "blocked" in insurer.telematics("status").out


@pytest.mark.fault("down", of=("move",))
@pytest.mark.parametrize(
    ("fault", "day"),
    [
        pytest.param("busy", "2023-06-10", marks=pytest.mark.thorough),
        ("error", "2023-06-11"),
    ],
)
def test_an_api_with_trouble_is_asked_again(insurer: Insurer, fault: str, day: str) -> None:
    insurer.move.misbehave(fault=fault, count=6)
    insurer.notified(**{"from": day, "to": day}, batch=20)
    assert rows(insurer, day) == insurer.move.known(day)["tables"]


def test_reconciliation_finds_and_loads_exactly_what_was_never_told(insurer: Insurer) -> None:
    day = "2023-06-13"
    run = insurer.notified(**{"from": day, "to": day}, batch=20, drop=0.2)
    truth = insurer.move.known(day)
    assert run["dropped"] == len(truth["dropped"]) > 0
    assert rows(insurer, day) == truth["tables"]
    said = insurer.telematics("reconcile", "move", "--from", day, "--to", day, "--json")
    assert said.code == 0, said.err
    insurer.wait_until_idle()
    found = insurer.whole_status()["providers"]["move"]["reconciliation"]
    assert (found["late"], found["changed"]) == (0, 0)
    assert rows(insurer, day) == insurer.move.known(day)["known_tables"]
    where = f"day = date '{day}' and {NEVER_TOLD}"
    assert insurer.count("move_timeline_items", where) == run["dropped"]
    again = insurer.telematics("reconcile", "move", "--from", day, "--to", day, "--json")
    assert again.code == 0, again.err
    insurer.wait_until_idle()
    calm = insurer.whole_status()["providers"]["move"]["reconciliation"]
    assert (calm["percent"], calm["missed"], calm["changed"]) == (100, 0, 0)


def test_a_label_reaches_the_lake_with_the_next_read(notified: Insurer) -> None:
    drive = trip(notified, DAY)
    said = notified.telematics("move", "label", drive["trip_id"], "TRAIN", "--json")
    assert said.code == 0, said.err
    notified.wait_until_idle()
    assert kind_of(notified, drive["trip_id"]) == "TRAIN"


def test_a_trip_that_turns_out_to_be_none_replaces_the_old_row(notified: Insurer) -> None:
    drive = trip(notified, DAY)
    notified.move.relabel(drive["contract"], drive["start"], "FAKETRIP")
    said = notified.telematics("reconcile", "move", "--from", DAY, "--to", DAY)
    assert said.code == 0, said.err
    notified.wait_until_idle()
    assert kind_of(notified, drive["trip_id"]) == "FAKETRIP"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["no-trip", "CAR"], 2, "trip"),
        (["20230604T080000.000Z-1000-nobody", "CAR"], 1, "no such trip"),
        (["20230604T080000.000Z-1000-nobody", "a car"], 2, "label"),
    ],
)
def test_a_label_that_cannot_be_is_refused_with_the_reason(
    insurer: Insurer, words: list[str], code: int, told: str
) -> None:
    said = insurer.telematics("move", "label", *words)
    assert (said.code, len(said.err.strip().splitlines())) == (code, 1)
    assert told in said.err


@pytest.mark.fault("rotated", of=("move",))
def test_a_secret_is_rotated_without_losing_a_delivery(insurer: Insurer) -> None:
    said = insurer.telematics("webhook", "rotate", "move", "--webhook", "timeline", "--json")
    assert said.code == 0, said.err
    [rotated] = said.json["rotated"]
    day = {"from": "2023-06-14", "to": "2023-06-14"}
    for secret in (SECRET["timeline_secret"], rotated["secret"]):
        run = insurer.notified(**day, items=3, timeline_secret=secret)
        assert set(run["answers"]) == {"200"}
    retired = insurer.telematics("webhook", "rotate", "move", "--webhook", "timeline", "--retire")
    assert retired.code == 0, retired.err
    assert answer(insurer, b"{}", SECRET["timeline_secret"]) == 401
    assert answer(insurer, b'{"items": []}', rotated["secret"]) == 200
    back = {**SECRET}
    stored = insurer.telematics("configure", "move", "--file", "-", stdin=json.dumps(back))
    assert stored.code == 0, stored.err


def answer(insurer: Insurer, body: bytes, secret: str) -> int:
    url = insurer.whole_status()["webhooks"]["move/timeline"]
    headers = {"Content-Type": "application/json"}
    signed = {**headers, SIGNATURE.header: SIGNATURE.sign(body, secret)}
    return httpx.post(url, content=body, headers=signed).status_code


def test_too_much_at_once_is_refused_before_anything_else(insurer: Insurer) -> None:
    assert answer(insurer, b" " * 5_500_000, SECRET["timeline_secret"]) == 413


def test_a_private_route_is_closed_to_who_does_not_sign(insurer: Insurer) -> None:
    api = insurer.whole_status()["webhooks"]["move/timeline"].split("/_aws/")[0]
    outputs = insurer.sandbox.aws.cloudformation.describe_stacks(StackName="telematics")
    ids = {one["OutputKey"]: one["OutputValue"] for one in outputs["Stacks"][0]["Outputs"]}
    url = f"{api}/_aws/execute-api/{ids['ApiId']}/$default/v1/trips/move/x/label"
    assert httpx.patch(url, json={"label": "CAR"}).status_code == 403


def test_nobody_and_no_secret_is_named_in_a_log_or_an_execution(notified: Insurer) -> None:
    told = notified.told()
    assert "notification enriched" in told
    for secret in (*SECRET.values(), "driver-0"):
        if secret != SECRET["product_id"]:
            assert secret not in told


@pytest.mark.fault("crash", "full", of=("move",))
def test_nothing_is_lost_while_loading_fails(insurer: Insurer) -> None:
    """The function that loads is broken in the middle of the work, and mended again."""
    day, merging = "2023-06-15", insurer.function("MergeObjects")
    right = merging.environment["LEDGER_TABLE"]
    urls = insurer.whole_status()["webhooks"]
    order = {"from": day, "to": day, "batch": 5, "timeline_url": urls["move/timeline"]}
    merging.change(LEDGER_TABLE="no-such-table")
    run = insurer.move.notify(**order)
    assert set(run["answers"]) == {"200"}
    deadline = time.monotonic() + 30
    while insurer.whole_status()["queues"]["merge"]["waiting"] == 0:
        assert time.monotonic() < deadline
    assert insurer.count("move_timeline_items", f"day = date '{day}'") == 0
    merging.change(LEDGER_TABLE=right)
    insurer.wait_until_idle()
    said = insurer.telematics("redrive", "--json")  # what was tried too often meanwhile
    assert said.code == 0, said.err
    insurer.wait_until_idle()
    assert insurer.whole_status()["queues"]["merge"] == {"waiting": 0, "dead": 0}
    assert rows(insurer, day) == insurer.move.known(day)["tables"]


def test_what_has_piled_up_is_loaded_by_the_batch(insurer: Insurer) -> None:
    day, merging = "2023-06-20", insurer.function("MergeObjects")
    urls = insurer.whole_status()["webhooks"]
    deadline = time.monotonic() + 180
    merging.take(is_on=False)
    try:
        insurer.move.notify(**{"from": day, "to": day}, batch=5, timeline_url=urls["move/timeline"])
        while insurer.whole_status()["queues"]["merge"]["waiting"] < PILE:
            assert time.monotonic() < deadline
    finally:
        merging.take(is_on=True)
    insurer.wait_until_idle()
    assert rows(insurer, day) == insurer.move.known(day)["tables"]
    told = [json.loads(line) for line in insurer.logged() if f"day={day}" in line]
    calls = Counter(one["function_request_id"] for one in told if one["message"] == "object loaded")
    assert max(calls.values()) >= PILE


@pytest.mark.parametrize(
    ("day", "options"),
    [
        ("2023-06-16", {"api_version": "v20"}),
        pytest.param(
            *("2023-06-17", {"batch_shape": "grouped", "batch_size": 7}),
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_the_other_forms_of_the_api_bring_the_same(
    insurer: Insurer, day: str, options: dict[str, object]
) -> None:
    secret = json.dumps({**SECRET, **options})
    said = insurer.telematics("configure", "move", "--file", "-", stdin=secret)
    assert said.code == 0, said.err
    insurer.move.misbehave(fault="v20", at="timeline")
    insurer.notified(**{"from": day, "to": day}, batch=30)
    assert rows(insurer, day) == insurer.move.known(day)["tables"]
    insurer.telematics("configure", "move", "--file", "-", stdin=json.dumps(SECRET))
