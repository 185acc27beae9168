"""Webhook requests from the simulators' notifiers, twenty a second, and what became of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import httpx

from tests.integration.insurer import Insurer

MOVE_EACH_SECOND = 17
COPIES, ITEMS_OF_BODY = 8, 10
FIRST_DAY = date(2023, 7, 1)
ZENDRIVE_ITEMS, ZENDRIVE_COPIES = 5, 4
REFUSED_ITEMS = 3

Json = dict[str, Any]  # Any: the simulators' answers


@dataclass
class Traffic:
    """`secret` is what MOVE signs with from now on."""

    insurer: Insurer
    secret: str
    move_runs: list[int] = field(default_factory=list)
    zendrive_runs: list[int] = field(default_factory=list)
    refused_runs: list[int] = field(default_factory=list)
    notices: int = 0

    @cached_property
    def urls(self) -> Mapping[str, str]:
        return dict(self.insurer.whole_status()["webhooks"])

    @property
    def days(self) -> tuple[date, date]:
        return FIRST_DAY, FIRST_DAY + timedelta(days=max(len(self.move_runs), 1) - 1)

    def listen(self) -> None:
        self.insurer.dashcam.told("webhook", url=self.urls["dashcam/messages"])

    def notify_move(self, seconds: float) -> None:
        """For so long, bodies in any order, each of them several times."""
        day = FIRST_DAY + timedelta(days=len(self.move_runs))
        bodies = round(MOVE_EACH_SECOND * seconds / COPIES)
        order = {
            "timeline_url": self.urls["move/timeline"],
            "timeline_secret": self.secret,
            "from": f"{day}",
            "items": bodies * ITEMS_OF_BODY,
            "batch": ITEMS_OF_BODY,
            "copies": COPIES,
            "shuffle": True,
            "every_seconds": 1 / MOVE_EACH_SECOND,
            "types": ["IDLE", "WALKING", "DRIVING"],
            "points_every": 20,
        }
        self.move_runs.append(self._begun("move", order))

    def notify_zendrive(self) -> None:
        self.zendrive_runs.append(self._of_zendrive(ZENDRIVE_ITEMS, copies=ZENDRIVE_COPIES))

    def refuse_zendrive(self) -> None:
        """What nobody of theirs signed."""
        wrong = {"mode": "wrong_signature", "tries": 1}
        self.refused_runs.append(self._of_zendrive(REFUSED_ITEMS, **wrong))

    def _of_zendrive(self, items: int, **more: object) -> int:
        number = len(self.zendrive_runs) + len(self.refused_runs)
        order = {
            "url": self.urls["zendrive/notifications"],
            "from": f"{FIRST_DAY - timedelta(days=1 + number)}",
            "items": items,
            "shuffle": True,
            **more,
        }
        return self._begun("zendrive", order)

    def notify_dashcam(self) -> None:
        self.notices += 1
        message = {"device_cid": f"soak-{self.notices}", "timestamp": 1_690_000_000 + self.notices}
        self.insurer.dashcam.told("notices", type="TRIP_STARTED", message=message)

    def _begun(self, simulator: str, order: Json) -> int:
        url = f"{self.insurer.sandbox.simulators[simulator]}/_simulator/notify"
        return int(httpx.post(url, json=order, timeout=60).raise_for_status().json()["run"])

    def answers(self) -> Counter[str]:
        """All so far, by what was answered."""
        counted = Counter[str](self.dashcam()["answers"])
        for one in (*self.of_move(), *self.of_zendrive(), *self.of_refused()):
            counted.update(one["answers"])
        return counted

    def is_done(self) -> bool:
        runs = (*self.of_move(), *self.of_zendrive(), *self.of_refused())
        return all(one["done"] for one in runs) and not self.dashcam()["waiting"]

    def of_move(self) -> Iterator[Json]:
        return (self._run("move", one) for one in self.move_runs)

    def of_zendrive(self) -> Iterator[Json]:
        return (self._run("zendrive", one) for one in self.zendrive_runs)

    def of_refused(self) -> Iterator[Json]:
        return (self._run("zendrive", one) for one in self.refused_runs)

    def dashcam(self) -> Json:
        url = f"{self.insurer.sandbox.simulators['dashcam']}/_simulator/webhook"
        return dict(httpx.get(url, timeout=60).raise_for_status().json())

    def _run(self, simulator: str, number: int) -> Json:
        url = f"{self.insurer.sandbox.simulators[simulator]}/_simulator/runs/{number}"
        return dict(httpx.get(url, timeout=60).raise_for_status().json())
