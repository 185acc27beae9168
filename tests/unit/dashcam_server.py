"""Stand-ins for MiTAC VisionMax at the HTTP transport."""

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics.http import Patience
from telematics.providers.dashcam import client
from telematics.providers.dashcam.client import Dashcam
from telematics.providers.dashcam.tokens import Tokens

PAYLOADS = Path(__file__).parent.parent / "payloads" / "dashcam"
KEY, PASSWORD, EMAIL = "very-secret-key", "pass word", "fleet@insurer.example"
EVENT = "7d1f6f5e-0c11-4a55-8f0b-2f5a3a1c9e01"
REQUEST = "3903dc78-9349-41a0-9662-d1e33de117f8"
# What no log and no exception may show.
SECRETS = (KEY, PASSWORD, EMAIL, "token-of", "Dana", "47.07", "X-Amz", "secret-path", "media.exam")

Answer = httpx.Response | Exception


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def told_as(name: str, **members: Any) -> bytes:
    """A payload with other members."""
    return json.dumps(json.loads(payload(name)) | members).encode()


def ok(content: bytes | str) -> httpx.Response:
    return httpx.Response(200, content=content)


def status(code: int, **headers: str) -> httpx.Response:
    spelt = {name.replace("_", "-"): headers[name] for name in headers}
    return httpx.Response(code, headers=spelt, content=payload("refused"))


@dataclass
class Server:
    """Logs in whoever asks, with a new token each time; otherwise answers as told."""

    answer: Callable[[httpx.Request], Answer]
    login: Callable[[httpx.Request], Answer] | None = None
    logins: int = 0
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path.endswith("/V2/auth"):
            self.logins += 1
            answer = (self.login or self._welcome)(request)
        else:
            self.requests.append(request)
            answer = self.answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _welcome(self, request: httpx.Request) -> Answer:
        return ok(told_as("login", data={"access_token": f"token-of-login-{self.logins}"}))

    def client(self, *, tokens: Tokens | None = None, **more: str) -> Dashcam:
        return client.connect(
            fields(**more),
            base_url="https://visionmax.example/",
            tokens=tokens,
            client=httpx.Client(transport=httpx.MockTransport(self)),
            patience=Patience(sleep=self.waits.append, jitter=lambda: 1.0),
        )

    @property
    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]

    @property
    def tokens(self) -> list[str]:
        return [one.headers["authorization"] for one in self.requests]


def fields(**more: str) -> dict[str, SecretStr]:
    spelt = {"api_key": KEY, "email": EMAIL, "password": PASSWORD, **more}
    return {name: SecretStr(text) for name, text in spelt.items()}


def answering(*answers: Answer) -> Server:
    """One after the other, the last one for ever."""
    left = list(answers)
    return Server(lambda _: left.pop(0) if len(left) > 1 else left[0])


def told(call: Callable[[], object], error: type[Exception]) -> str:
    """What a log would show of the failure, causes included, has no secret and nobody's data."""
    with pytest.raises(error) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    # Lines of source stand in a traceback, too; only what was raised matters here.
    raised = "\n".join(line for line in shown.splitlines() if not line.startswith(" "))
    for secret in SECRETS:
        assert secret not in raised
    return str(caught.value)
