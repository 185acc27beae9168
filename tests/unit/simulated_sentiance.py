"""The simulator of Sentiance within the process, and the questions that a client asks it."""

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.sandbox.simulators.sentiance import READ_KEY, URL_KEY, app
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.unit.in_process import InProcess

BASE = "http://simulator.test"
DAY = "2023-06-06"
FILES = "files { format name size link { expires_at url } }"
LIST = f'query {{ offloads(from: "%s", to: "%s") {{ day type {FILES} }} }}'
LINK = (
    'mutation { generate_offload_url(day: "%s", offload_type: %s)'
    f" {{ offload {{ day type {FILES} }} }} }}"
)
TRANSPORTS = "OFFLOAD_TYPE_TRANSPORTS"

Json = dict[str, Any]  # Any: the answers are looked into as they come


class Simulator:
    """One, with a clock that only moves when told."""

    def __init__(self, **settings: Any) -> None:  # Any: whatever Settings has
        self.now = datetime(2023, 6, 20, 12, tzinfo=UTC)
        made = Settings(**{"users": 8, "now": lambda: self.now, **settings})
        self.http = httpx.Client(transport=InProcess(app.create(made)), base_url=BASE)

    def ask(self, query: str, *, key: str = READ_KEY, variables: Json | None = None) -> Json:
        body = {"query": query, "variables": variables}
        answer = self.post(body, key=key)
        assert answer.status_code == 200
        return dict(answer.json())

    def post(self, body: Json, *, key: str) -> httpx.Response:
        return self.http.post("/v4/gql", json=body, headers={"Authorization": f"Bearer {key}"})

    def offloads(self, first: str = DAY, last: str = DAY) -> list[Json]:
        return list(self.ask(LIST % (first, last))["data"]["offloads"])

    def file(self, offload_type: str = TRANSPORTS) -> Json:
        """The first file of a type, as it is listed."""
        return next(one["files"][0] for one in self.offloads() if one["type"] == offload_type)

    def linked(self, offload_type: str = TRANSPORTS) -> Json:
        answer = self.ask(LINK % (DAY, offload_type), key=URL_KEY)
        return dict(answer["data"]["generate_offload_url"]["offload"]["files"][0])

    def url(self) -> str:
        return str(self.linked()["link"]["url"])

    def fault(self, **fault: object) -> None:
        assert self.http.post("/_simulator/faults", json=fault).status_code == 200

    def truth(self, name: str = "transports") -> Json:
        answer = self.http.get("/_simulator/truth", params={"from": DAY, "to": DAY}).json()
        return next(dict(one) for one in answer["files"] if one["type"] == name)
