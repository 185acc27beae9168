"""Half an hour of twenty webhook requests a second, while everything goes wrong that can."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.cli import status
from tests.integration.insurer import Insurer
from tests.sandbox import emulator
from tests.sandbox.simulators.move import SECRET
from tests.soak.memory import Memory
from tests.soak.tally import Tally
from tests.soak.traffic import Traffic
from tests.soak.trouble import Trouble

MINUTES = 30.0
TICK_SECONDS, ZENDRIVE_EVERY, LOOK_EVERY = 1.0, 10, 5
MINUTE = 60.0
IDLE_SECONDS = 3_600  # what a call left behind that was ended comes back after half an hour
REDRIVES = 3
MOST_GROWTH = 0.10
SMALL_MB = 10.0  # which is no leak, whatever share of a small process it is
COLUMNS = "{:>6} {:>6} {:>6} {:>8} {:>8} {:>8} {:>7} {:>9}  {}"
TITLES = ("minute", "sent", "200", "refused", "retried", "waiting", "MB", "emulator", "")


@dataclass
class Rush:
    """All of it. `news` are what has gone wrong, or was mended, in this minute."""

    insurer: Insurer
    tally: Tally
    minutes: float
    news: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.insurer, SECRET["timeline_secret"])
        self.trouble = Trouble(self.insurer, self.traffic, self.minutes * MINUTE)
        self.memory = Memory(self.insurer.sandbox.running.processes[emulator.NAME].pid)
        self._told = Counter[str]()

    def run(self) -> None:
        self.traffic.listen()
        self.tally.tell(COLUMNS.format(*TITLES))
        begun, minute = time.monotonic(), 0
        for tick in ticks(begun, self.minutes * MINUTE):
            elapsed = time.monotonic() - begun
            if elapsed >= minute * MINUTE:
                self._tell(minute)
                self._begin(minute)
                minute += 1
            self.news += self.trouble.pass_by(elapsed)
            self.traffic.notify_dashcam()
            if tick % ZENDRIVE_EVERY == 0:
                self.traffic.notify_zendrive()
            if tick % LOOK_EVERY == 0:
                self.memory.look()
        self._tell(minute)

    def _begin(self, minute: int) -> None:
        self.trouble.each_minute(minute)
        self.traffic.notify_move(min(MINUTE, (self.minutes - minute) * MINUTE))

    def _tell(self, minute: int) -> None:
        if not minute:
            return
        answers = self.traffic.answers()
        now, self._told = answers - self._told, answers
        fine, refused = now["200"], now["401"]
        waiting = sum(
            status.depth(self.insurer.stack, one)
            for one in self.insurer.stack.outputs
            if one.startswith("Queue")
        )
        total = now.total()
        counts = (total, fine, refused, total - fine - refused, waiting)
        sizes = (round(one[-1]) for one in (self.memory.totals, self.memory.emulator))
        self.tally.tell(COLUMNS.format(minute, *counts, *sizes, "; ".join(self.news)))
        self.news.clear()


def ticks(begun: float, seconds: float) -> Iterator[int]:
    """In their time; those that are late are not made up for."""
    number = 0
    while (now := time.monotonic()) < begun + seconds:
        yield number
        number += 1
        time.sleep(max(0.0, now + TICK_SECONDS - time.monotonic()))


def run(insurer: Insurer, tally: Tally, *, minutes: float = MINUTES) -> None:
    begun = time.monotonic()
    tally.tell(f"{minutes:g} minutes of webhook requests, with faults")
    rush = Rush(insurer, tally, minutes)
    rush.run()
    until = time.monotonic() + IDLE_SECONDS
    while not rush.traffic.is_done() and time.monotonic() < until:
        time.sleep(1)
    settle(insurer, tally)
    tally.tell("everything delivered and loaded", begun)
    tidy(insurer)
    count_move(insurer, tally, rush.traffic)
    count_zendrive(insurer, tally, rush.traffic)
    count_dashcam(insurer, tally, rush.traffic)
    judge_memory(tally, rush.memory)


def tidy(insurer: Insurer) -> None:
    """As it was before."""
    insurer.dashcam.deaf()
    insurer.dashcam.behave()
    insurer.move.behave()
    secret = json.dumps(SECRET)
    insurer.telematics("configure", "move", "--file", "-", stdin=secret)


def settle(insurer: Insurer, tally: Tally) -> None:
    """What was given up meanwhile is put back, as an operator does it."""
    for _ in range(REDRIVES):
        insurer.sandbox.wait_until_idle(IDLE_SECONDS)
        queues = insurer.whole_status()["queues"]
        dead = {name: one["dead"] for name, one in queues.items() if one["dead"]}
        if not dead:
            return
        tally.tell(f"  dead letters, put back by `telematics redrive`: {dead}")
        said = insurer.telematics("redrive", "--json")
        tally.expect("exit code of it", said.code, 0)
    insurer.sandbox.wait_until_idle(IDLE_SECONDS)


def judge(tally: Tally, what: str, *, found: int, distinct: int, truth: int) -> None:
    tally.tell(f"  {what}: {found} of {truth}")
    tally.expect(f"{what}, lost", truth - distinct, 0)
    tally.expect(f"{what}, doubled", found - distinct, 0)


def counted(insurer: Insurer, table: str, key: str, where: str = "true") -> tuple[int, int]:
    sql = f"select count(*) as n, count(distinct {key}) as m from {table} where {where}"  # noqa: S608  # own
    [row] = insurer.query(sql)
    return int(row["n"]), int(row["m"])


def count_move(insurer: Insurer, tally: Tally, traffic: Traffic) -> None:
    runs = list(traffic.of_move())
    tally.expect("deliveries of MOVE's given up", sum(one["given_up"] for one in runs), 0)
    first, last = traffic.days
    truth = insurer.move.known(f"{first}", f"{last}")
    where = f"day between date '{first}' and date '{last}'"
    told = counted(insurer, "move_notifications", "trip_id", where)
    judge(tally, "notified", found=told[0], distinct=told[1], truth=truth["notified"])
    items = counted(insurer, "move_timeline_items", "trip_id", where)
    judge(tally, "in detail", found=items[0], distinct=items[1], truth=truth["notified"])
    for table, count in truth["tables"].items():
        tally.expect(f"move_{table}", insurer.count(f"move_{table}", where), count)


def count_zendrive(insurer: Insurer, tally: Tally, traffic: Traffic) -> None:
    runs = list(traffic.of_zendrive())
    tally.expect("deliveries of Zendrive's given up", sum(one["given_up"] for one in runs), 0)
    truth = sum(sum(one["notifications"].values()) for one in runs)
    found, distinct = counted(insurer, "zendrive_notifications", "notification_id")
    judge(tally, "of Zendrive", found=found, distinct=distinct, truth=truth)
    taken = sum(one["deliveries"] for one in traffic.of_refused())
    tally.expect("taken of those that were signed by nobody", taken, 0)


def count_dashcam(insurer: Insurer, tally: Tally, traffic: Traffic) -> None:
    tally.expect("messages of dashcams given up", traffic.dashcam()["given_up"], 0)
    where = "hook_name = 'TRIP_STARTED'"
    found, distinct = counted(insurer, "dashcam_webhook_messages", "message_id", where)
    judge(tally, "of dashcams", found=found, distinct=distinct, truth=traffic.notices)


def judge_memory(tally: Tally, memory: Memory) -> None:
    """Of the emulator it is only told: it keeps all logs, messages and tables there."""
    first, last = memory.emulator[0], memory.emulator[-1]
    tally.tell(f"  the emulator: {first:.0f} MB at first, {last:.0f} MB in the end")
    for name, (before, after) in memory.growth().items():
        is_flat = after - before < max(SMALL_MB, MOST_GROWTH * before)
        shown = f"{before:.0f} MB in the first third, {after:.0f} in the last"
        tally.judge(name, shown, is_flat, "which is not flat")
