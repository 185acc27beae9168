"""The simulator of Zendrive within the process, and a webhook that keeps what is posted to it."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from tests.sandbox.simulators.zendrive import SECRET, app
from tests.sandbox.simulators.zendrive.settings import Settings
from tests.unit.in_process import InProcess

BASE = "http://simulator.test"
HOOK = "http://lake.test/collisions/a-token-of-somebody"
KEY = {"Authorization": f"APIKEY {SECRET['api_key']}"}
NOW = datetime(2023, 6, 20, 12, tzinfo=UTC)
NOON = int(NOW.timestamp())
DAY = "2023-06-14"

Json = dict[str, Any]  # Any: the answers are looked into as they come


class Simulator:
    """One, on a day of its own; `trouble` are answers of the webhooks that come before any 200."""

    def __init__(self, **settings: Any) -> None:  # Any: whatever Settings has
        self.trouble: list[int] = []
        self.received: list[httpx.Request] = []
        self.seconds = 0.0
        self._lock = threading.Lock()
        given = {
            "users": 40,
            "now": lambda: NOW,
            "clock": lambda: self.seconds,
            "transport": lambda: httpx.MockTransport(self._receive),
            **settings,
        }
        self.transport = InProcess(app.create(Settings(**given)))
        self.http = httpx.Client(transport=self.transport, base_url=BASE, headers=dict(KEY))
        self.control("settings", gps_seconds=30)
        self.drivers: dict[str, str] = self.http.get("/_simulator/drivers").json()

    def control(self, path: str, **body: object) -> Json:
        answer = self.http.post(f"/_simulator/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def look(self, path: str, **query: str) -> Json:
        answer = self.http.get(f"/_simulator/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def id(self, number: int = 1) -> str:
        return self.drivers[f"driver-{number:04}"]

    def ask(self, number: int = 1, day: str = DAY, **more: object) -> httpx.Response:
        asked = {"user_id": self.id(number), "date": day, "webhook_url": HOOK, **more}
        return self.http.post("/v1/collision_detail", json=asked)

    def delivered(self, after_seconds: float = 10_000) -> list[Json]:
        """All that is due by then."""
        self.seconds += after_seconds
        while self.look("truth")["waiting"]:
            time.sleep(0.005)
        return [orjson.loads(one.content) for one in self.received]

    def answered(self, number: int = 1, day: str = DAY, **more: object) -> Json:
        """What comes of one question."""
        assert self.ask(number, day, **more).status_code == 202
        return self.delivered()[-1]

    def notify(self, **order: object) -> Json:
        """All of it, once it is done."""
        asked = {"url": "http://lake.test/notifications", "from": DAY, **order}
        begun = self.control("notify", **asked)["run"]
        while not (told := self.look(f"runs/{begun}"))["done"]:
            time.sleep(0.005)
        return told

    def _receive(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.received.append(request)
            return httpx.Response(self.trouble.pop() if self.trouble else 200)
