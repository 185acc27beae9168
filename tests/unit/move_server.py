"""Stand-ins for Dolphin MOVE at the HTTP transport."""

import json
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telematics.http import Patience
from telematics.providers.move.client import Move
from telematics.providers.move.trip_id import TripId

PAYLOADS = Path(__file__).parent.parent / "payloads" / "move"
PRODUCT, KEY, PERSON = "4711", "very:secret", "driver-17"
DRIVE = TripId(datetime(2024, 3, 5, 7, 12, 30, 250_000, UTC), PRODUCT, PERSON)
IDLE = TripId(datetime(2024, 3, 5, 7, 41, 5, tzinfo=UTC), PRODUCT, PERSON)
# What no log and no exception may show.
SECRETS = (KEY, "NDcxMTp2ZXJ5OnNlY3JldA", PERSON, "47.0707", "contractId=")

Answer = httpx.Response | Exception


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def ok(content: bytes | str) -> httpx.Response:
    return httpx.Response(200, content=content)


def status(code: int, **headers: str) -> httpx.Response:
    spelt = {name.replace("_", "-"): headers[name] for name in headers}
    return httpx.Response(code, headers=spelt, content=payload("answer_item_of_a_drive"))


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

    def client(self, **given: Any) -> Move:  # Any: whatever of its arguments a test is about
        arguments = {"product_id": PRODUCT, "base_url": "https://move.example/", **given}
        key = SecretStr(KEY)
        return Move(self.http, api_key=key, patience=self.patience, **arguments)

    @property
    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]

    @property
    def bodies(self) -> list[Any]:
        """Any: bodies are of any shape."""
        return [json.loads(one.content) for one in self.requests if one.content]


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


@dataclass(frozen=True)
class Period:
    """A timeline item, as far as a list looks at it."""

    start: float
    end: float

    @property
    def trip(self) -> TripId:
        return TripId(self._moment(self.start), PRODUCT, PERSON)

    @property
    def json(self) -> dict[str, object]:
        return {
            "productId": int(PRODUCT),
            "contractId": PERSON,
            "startTs": self.trip.rfc3339,
            "endTs": self._moment(self.end).isoformat(),
        }

    def _moment(self, seconds: float) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(seconds * 1000))


@dataclass(frozen=True)
class Timeline:
    """A person's items behind the list call, with its overlap filter as documented.

    `cuts_newest`: which end a full answer lacks. `order`: how what is left is sorted.
    """

    items: Sequence[Period]
    cuts_newest: bool = False
    order: Callable[[list[Period]], list[Period]] = list

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        begin, end, limit = (int(query[name]) for name in ("from", "to", "limit"))
        found = [one for one in self.items if one.start <= end and one.end >= begin]
        found.sort(key=lambda one: one.start, reverse=not self.cuts_newest)
        told = [one.json for one in self.order(found[:limit])]
        return httpx.Response(200, json=told)
