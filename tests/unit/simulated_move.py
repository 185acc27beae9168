"""The simulator of MOVE within the process, and webhooks that keep what is delivered to them."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from telematics.errors import BadSignature
from telematics.providers.move.webhooks import SIGNATURE, WEBHOOKS
from tests.sandbox.simulators.move import SECRET, app
from tests.sandbox.simulators.move.settings import Settings
from tests.unit.in_process import InProcess

BASE = "http://simulator.test"
HOOKS = {f"{one.name}_url": f"http://lake.test/{one.name}" for one in WEBHOOKS}
DAY = "2023-06-06"
PRODUCT = {"productId": SECRET["product_id"]}
KEY = (SECRET["product_id"], SECRET["api_key"])

Json = dict[str, Any]  # Any: the answers are looked into as they come


class Simulator:
    """One, on a day of its own; `trouble` are answers of the webhooks that come before any 200."""

    def __init__(self, **settings: Any) -> None:  # Any: whatever Settings has
        self.trouble: list[int] = []
        self.received: list[httpx.Request] = []
        self._lock = threading.Lock()
        now = datetime(2023, 6, 20, 12, tzinfo=UTC)
        webhooks = {"transport": lambda: httpx.MockTransport(self._receive)}
        made = Settings(**{"users": 40, "now": lambda: now, **webhooks, **settings})
        self.http = httpx.Client(transport=InProcess(app.create(made)), base_url=BASE, auth=KEY)

    def get(self, path: str, **query: object) -> httpx.Response:
        asked = {name: str(value) for name, value in query.items()}
        return self.http.get(f"/timeline/v1_5{path}", params=PRODUCT | asked)

    def batch(self, body: object) -> httpx.Response:
        return self.http.post("/timeline/v1_5/batch", params=PRODUCT, json=body)

    def items(self, *people: int) -> list[Json]:
        """What they did on that day, newest first; the night before has ended by then."""
        day = int(datetime.fromisoformat(f"{DAY}T00:00Z").timestamp())
        period = {"limit": 100, "from": day + 2 * 3600 + 1, "to": day + 86_399}
        asked = (self.get("", contractId=f"driver-{one:04}", **period) for one in people)
        return [item for answer in asked for item in answer.json()]

    def fault(self, **fault: object) -> None:
        assert self.http.post("/_simulator/faults", json=fault).status_code == 200

    def truth(self, **days: str) -> Json:
        return dict(self.http.get("/_simulator/truth", params=days).json())

    def notify(self, **order: object) -> Json:
        """All of it, once it is done."""
        begun = self.http.post("/_simulator/notify", json={"from": DAY, **order}).json()
        while not (told := self.http.get(f"/_simulator/runs/{begun['run']}").json())["done"]:
            time.sleep(0.005)
        return dict(told)

    def _receive(self, request: httpx.Request) -> httpx.Response:
        """Checked as the lake does it."""
        webhook = next(one for one in WEBHOOKS if request.url.path == f"/{one.name}")
        given = request.headers.get(SIGNATURE.header, "")
        with self._lock:
            self.received.append(request)
            try:
                SIGNATURE.matching(request.content, given, [SECRET[webhook.secret]])
            except BadSignature:
                return httpx.Response(401)
            return httpx.Response(self.trouble.pop() if self.trouble else 200)


def feature(item: Json, name: str) -> Json:
    """Of an object, or of a list."""
    features = item["features"]
    parts = features if isinstance(features, list) else [features]
    return next((dict(part[name]) for part in parts if name in part), {})


def path_of(item: Json) -> Json:
    """What the path and the query of a call say of an item."""
    start = int(datetime.fromisoformat(item["startTs"]).timestamp())
    return {"path": f"/{start}", "contractId": item["contractId"]}
