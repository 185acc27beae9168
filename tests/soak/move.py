"""Many notifications of MOVE at once, each trip counted."""

import time

from tests.integration.insurer import Insurer
from tests.soak.tally import Tally

TWICE = {"from": "2023-06-10", "to": "2023-06-14", "types": ["IDLE", "WALKING"], "items": 200_000}
TRIPS = {"from": "2023-06-20", "to": "2023-06-21", "types": ["DRIVING", "CYCLING"], "items": 2_000}
LOST = {"from": "2023-06-25", "to": "2023-06-26", "drop": 0.05}

NEVER_TOLD = "trip_id not in (select trip_id from move_notifications where trip_id is not null)"


def run(insurer: Insurer, tally: Tally) -> None:
    everything_twice(insurer, tally)
    trips_with_points(insurer, tally)
    lost_deliveries(insurer, tally)
    status = insurer.whole_status()
    tally.expect("completeness in status", status["providers"]["move"]["completeness"], 1.0)


def everything_twice(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    run = insurer.notified(**TWICE, batch=1000, copies=2, shuffle=True)
    tally.tell("200 notifications of 1,000 items, each delivered twice, shuffled", begun)
    tally.tell(f"  answered at {run['deliveries'] / run['seconds']:.0f} deliveries a second")
    tally.expect("answers", list(run["answers"]), ["200"])
    where = "day between date '2023-06-10' and date '2023-06-14'"
    told = insurer.count("move_notifications", f"{where} and notifier = 'timeline'")
    tally.expect("notified items", told, 200_000)
    tally.expect("items in detail", insurer.count("move_timeline_items", where), 200_000)
    [found] = insurer.query("select count(distinct trip_id) as n from move_timeline_items")
    tally.expect("different ones", found["n"], 200_000)


def trips_with_points(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    insurer.notified(**TRIPS, batch=100)
    tally.tell("2,000 trips with their points", begun)
    where = "day between date '2023-06-20' and date '2023-06-21'"
    truth = insurer.move.known("2023-06-20", "2023-06-21")["tables"]
    for table, count in truth.items():
        tally.expect(table, insurer.count(f"move_{table}", where), count)


def lost_deliveries(insurer: Insurer, tally: Tally) -> None:
    begun = time.monotonic()
    run = insurer.notified(**LOST, batch=100)
    days = ("--from", LOST["from"], "--to", LOST["to"])
    said = insurer.telematics("reconcile", "move", *map(str, days), "--json")
    insurer.wait_until_idle()
    tally.tell("a twentieth of the items never notified, found by reconciliation", begun)
    tally.expect("exit code", said.code, 0)
    truth = insurer.move.known("2023-06-25", "2023-06-26")["known_tables"]
    where = "day between date '2023-06-25' and date '2023-06-26'"
    items = insurer.count("move_timeline_items", where)
    tally.expect("items in detail", items, truth["timeline_items"])
    found = insurer.count("move_timeline_items", f"{where} and {NEVER_TOLD}")
    tally.expect("found though never notified", found, run["dropped"])
