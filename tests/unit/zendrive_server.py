"""Stand-ins for Zendrive at the HTTP transport."""

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics.http import Patience
from telematics.providers.zendrive.client import Zendrive

BASE_URL = "https://zendrive.example"
KEY, DRIVER, TOKEN = "very-secret-key", "driver 17/a", "c2VjcmV0LXRva2VuLW9mLXRoaXMtb25l"
HOOK = f"https://lake.example/webhooks/zendrive/collisions/{TOKEN}"
LATITUDE, LONGITUDE = 47.0707, 15.4395
# What no log and no exception may show.
SECRETS = (KEY, DRIVER, "driver%2017", TOKEN, "lake.example", "47.07", "15.43", "1700936581325")

Answer = httpx.Response | Exception


def status(code: int, content: bytes = b"", **headers: str) -> httpx.Response:
    spelt = {name.replace("_", "-"): headers[name] for name in headers}
    return httpx.Response(code, headers=spelt, content=content)


def error(code: int, text: str) -> httpx.Response:
    """As the provider says no where that is documented."""
    return httpx.Response(code, json={"error": text})


@dataclass
class Server:
    """Answers as told; keeps the requests and the waits between."""

    answer: Callable[[httpx.Request], Answer]
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self))

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.waits.append, jitter=lambda: 1.0)

    @property
    def client(self) -> Zendrive:
        return Zendrive(
            self.http, base_url=f"{BASE_URL}/", api_key=SecretStr(KEY), patience=self.patience
        )

    @property
    def bodies(self) -> list[Any]:
        """Any: bodies are of any shape."""
        return [json.loads(one.content) for one in self.requests if one.content]


def answering(*answers: Answer) -> Server:
    """One after the other, the last one for ever."""
    left = list(answers)
    return Server(lambda _: left.pop(0) if len(left) > 1 else left[0])


def told(call: Callable[[], object], kind: type[Exception]) -> str:
    """What a log would show of the failure, causes included, has no secret and nobody's data."""
    with pytest.raises(kind) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    # Lines of source stand in a traceback, too; only what was raised matters here.
    raised = "\n".join(line for line in shown.splitlines() if not line.startswith(" "))
    for secret in SECRETS:
        assert secret not in raised
    return str(caught.value)
