"""The simulator of the dashcams within the process, on a clock that a test moves."""

import json
import threading
import time
from typing import Any

import httpx

from tests.sandbox.simulators.dashcam import SECRET, app
from tests.sandbox.simulators.dashcam.settings import Settings
from tests.unit.in_process import InProcess

BASE = "http://simulator.test"
HOOK = "http://lake.test/dashcam"
KEY = {"x-api-key": SECRET["api_key"]}
LOGIN = {"email": SECRET["email"], "password": SECRET["password"], "type": "email"}
NOON = 1_687_262_400  # 2023-06-20
DAY = {"since": NOON - 14 * 86_400 - 43_200, "until": NOON - 13 * 86_400 - 43_201}
SUCCESS = b'{"status": "success"}'

Json = dict[str, Any]  # Any: the answers are looked into as they come


class Simulator:
    """Somebody is logged in. `answers` are the webhook's, before it says that all is well."""

    def __init__(self, **settings: Any) -> None:  # Any: whatever Settings has
        self.now = float(NOON)
        self.answers: list[tuple[int, bytes]] = []
        self.received: list[Json] = []
        self._lock = threading.Lock()
        made = Settings(
            **{
                "users": 40,
                "now": lambda: self.now,
                "transport": lambda: httpx.MockTransport(self._receive),
                **settings,
            }
        )
        self.http = httpx.Client(
            transport=InProcess(app.create(made)), base_url=BASE, headers=dict(KEY)
        )
        self.login()
        self.devices = self.http.get("/_simulator/devices").json()

    def login(self) -> str:
        token = str(self.http.post("/V2/auth", json=LOGIN).json()["data"]["access_token"])
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def get(self, path: str, **query: object) -> Json:
        params = {name: str(value) for name, value in query.items()}
        return dict(self.http.get(f"/V2/{path}", params=params).json())

    def control(self, path: str, **body: object) -> Json:
        answer = self.http.post(f"/_simulator/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def clip(self, driver: int = 1, **wish: object) -> str:
        asked = {"cam_id": "ALL", "file_name": "claim 7", "target_timestamp": NOON - 60, **wish}
        device = self.devices[f"driver-{driver:04}"]
        answer = self.http.post(f"/V2/event/upload/{device}", json=asked).json()
        assert answer["result"], answer
        return str(answer["data"]["task_id"])

    def task(self, task: str) -> Json:
        return dict(self.get(f"event/taskResult/{task}")["data"])

    def truth(self, **days: str) -> Json:
        return dict(self.http.get("/_simulator/truth", params=days).json())

    def delivered(self) -> Json:
        """Once nothing waits that is due by now."""
        while (told := self.http.get("/_simulator/webhook").json())["waiting"]:
            time.sleep(0.005)
        return dict(told)

    def messages(self, kind: str) -> list[Json]:
        return [json.loads(one["message"]) for one in self.received if one["hookName"] == kind]

    def _receive(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.received.append(json.loads(request.content))
            status, content = self.answers.pop() if self.answers else (200, SUCCESS)
            return httpx.Response(status, content=content)
