"""`make soak`: many notifications at once, through the whole stack, and every trip counted.

A sandbox of its own, which is removed again. Ends with 1 when a count is not what it should be.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.cli import console
from tests.integration.insurer import Insurer
from tests.sandbox.options import Options
from tests.sandbox.sandbox import Sandbox

USERS = 50
TWICE = {"from": "2023-06-10", "to": "2023-06-14", "types": ["IDLE", "WALKING"], "items": 200_000}
TRIPS = {"from": "2023-06-20", "to": "2023-06-21", "types": ["DRIVING", "CYCLING"], "items": 2_000}
LOST = {"from": "2023-06-25", "to": "2023-06-26", "drop": 0.05}

NEVER_TOLD = "trip_id not in (select trip_id from move_notifications where trip_id is not null)"


@contextmanager
def sandbox() -> Iterator[Insurer]:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        started = Sandbox.start(Path(folder), Options(port=0, users=USERS, seed=7))
        try:
            yield Insurer(started)
        finally:
            started.stop()


class Soak:
    """Each step prints what it did and how long that took, and fails when a count is wrong."""

    def __init__(self, insurer: Insurer) -> None:
        self.insurer = insurer
        self.failed = False

    def run(self) -> None:
        self.everything_twice()
        self.trips_with_points()
        self.lost_deliveries()
        status = self.insurer.whole_status()
        self.expect("completeness in status", status["providers"]["move"]["completeness"], 1.0)
        dead = sum(queue["dead"] for queue in status["queues"].values())
        self.expect("dead letters", dead, 0)

    def everything_twice(self) -> None:
        begun = time.monotonic()
        run = self.insurer.notified(**TWICE, batch=1000, copies=2, shuffle=True)
        self.tell("200 notifications of 1,000 items, each delivered twice, shuffled", begun)
        self.tell(f"  answered at {run['deliveries'] / run['seconds']:.0f} deliveries a second")
        self.expect("answers", list(run["answers"]), ["200"])
        where = "day between date '2023-06-10' and date '2023-06-14'"
        told = self.insurer.count("move_notifications", f"{where} and notifier = 'timeline'")
        self.expect("notified items", told, 200_000)
        self.expect("items in detail", self.insurer.count("move_timeline_items", where), 200_000)
        [found] = self.insurer.query("select count(distinct trip_id) as n from move_timeline_items")
        self.expect("different ones", found["n"], 200_000)

    def trips_with_points(self) -> None:
        begun = time.monotonic()
        self.insurer.notified(**TRIPS, batch=100)
        self.tell("2,000 trips with their points", begun)
        where = "day between date '2023-06-20' and date '2023-06-21'"
        truth = self.insurer.move.known("2023-06-20", "2023-06-21")["tables"]
        for table, count in truth.items():
            self.expect(table, self.insurer.count(f"move_{table}", where), count)

    def lost_deliveries(self) -> None:
        begun = time.monotonic()
        run = self.insurer.notified(**LOST, batch=100)
        days = ("--from", LOST["from"], "--to", LOST["to"])
        said = self.insurer.telematics("reconcile", "move", *map(str, days), "--json")
        self.insurer.wait_until_idle()
        self.tell("a twentieth of the items never notified, found by reconciliation", begun)
        self.expect("exit code", said.code, 0)
        truth = self.insurer.move.known("2023-06-25", "2023-06-26")["known_tables"]
        where = "day between date '2023-06-25' and date '2023-06-26'"
        items = self.insurer.count("move_timeline_items", where)
        self.expect("items in detail", items, truth["timeline_items"])
        found = self.insurer.count("move_timeline_items", f"{where} and {NEVER_TOLD}")
        self.expect("found though never notified", found, run["dropped"])

    def expect(self, what: str, found: object, expected: object) -> None:
        right = found == expected
        self.failed = self.failed or not right
        self.tell(f"  {what}: {found}" + ("" if right else f", not {expected}"))

    def tell(self, text: str, begun: float | None = None) -> None:
        took = f": {time.monotonic() - begun:.0f} s" if begun is not None else ""
        console.out().print(f"{text}{took}", highlight=False)


def main() -> int:
    with sandbox() as insurer:
        soak = Soak(insurer)
        soak.run()
    return int(soak.failed)


if __name__ == "__main__":
    sys.exit(main())
