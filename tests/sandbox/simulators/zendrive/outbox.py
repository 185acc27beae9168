"""What is to be sent to webhooks: each in its time, by a few senders at once."""

import threading
import time
from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

import httpx

from tests.sandbox.simulators.zendrive.settings import Settings

SENDERS, LOOKING_SECONDS, TIMEOUT_SECONDS = 8, 0.02, 60.0

Sending: TypeAlias = Callable[[httpx.Client], None]


class Letter(NamedTuple):
    """The first to be due comes first."""

    due: float
    number: int
    send: Sending


class Outbox:
    """Senders live as long as there is something to send."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting: list[Letter] = []
        self._senders = self._put = self._sending = 0
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Also what is being sent."""
        with self._lock:
            return len(self._waiting) + self._sending

    def put(self, send: Sending, *, after_seconds: float = 0) -> None:
        with self._lock:
            self._put += 1
            due = self._settings.clock() + after_seconds
            heappush(self._waiting, Letter(due, self._put, send))
            while self._senders < min(SENDERS, len(self._waiting)):
                self._senders += 1
                threading.Thread(target=self._send_all, daemon=True).start()

    def _send_all(self) -> None:
        with httpx.Client(transport=self._settings.transport(), timeout=TIMEOUT_SECONDS) as client:
            while self._is_needed():
                if letter := self._next():
                    self._send(client, letter)
                else:
                    time.sleep(LOOKING_SECONDS)

    def _is_needed(self) -> bool:
        with self._lock:
            self._senders -= not self._waiting
            return bool(self._waiting)

    def _next(self) -> Letter | None:
        with self._lock:
            if not self._waiting or self._waiting[0].due > self._settings.clock():
                return None
            self._sending += 1
            return heappop(self._waiting)

    def _send(self, client: httpx.Client, letter: Letter) -> None:
        try:
            letter.send(client)
        finally:
            with self._lock:
                self._sending -= 1


def posted(client: httpx.Client, url: str, content: bytes, **headers: str) -> str:
    """The status of the answer, or what went wrong instead."""
    try:
        answer = client.post(
            url, content=content, headers={"Content-Type": "application/json", **headers}
        )
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return type(error).__name__
    return str(answer.status_code)
