"""Webhooks: each notice in the documented envelope, repeated until it is answered with success.

    POST   /_simulator/webhook   {"url", "types"?, "secret"?}: where to deliver what happens then
    GET    /_simulator/webhook   {"waiting", "delivered", "given_up", "answers": {"200": n}}
    DELETE /_simulator/webhook   none any more, and forget what waits
    POST   /_simulator/notices   {"type", "message"}: any notice, now

Notices are delivered by a few senders at once, in no certain order.
"""

import base64
import hashlib
import hmac
import threading
import time
from collections import Counter
from collections.abc import Mapping
from heapq import heappop, heappush
from typing import NamedTuple
from uuid import UUID

import httpx
import msgspec
import orjson

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.choices import must_be_known
from tests.sandbox.simulators.dashcam import WEBHOOK_SECRET
from tests.sandbox.simulators.dashcam.faults import Faults
from tests.sandbox.simulators.dashcam.settings import Clock, Settings

TYPES = (
    *("EVENT_TRIGGERED", "TRIP_STARTED", "TRIP_FINISHED", "GPS_UPDATE"),
    *("ASSET_UPLOADED", "TASK_UPDATE", "DEVICE_STATUS_UPDATE"),
)
SENDERS, TRIES = 4, 60
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
LOOKING_SECONDS, TIMEOUT_SECONDS = 0.02, 30.0


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to deliver, and what."""

    url: str
    types: tuple[str, ...] = TYPES
    secret: str = WEBHOOK_SECRET

    def __post_init__(self) -> None:
        for name in self.types:
            must_be_known("type", name, TYPES)


class Notice(NamedTuple):
    """One for one webhook; the first to be due comes first."""

    due: float
    number: int
    type: str
    message: bytes
    hook: Hook


class Notifier:
    """Senders live as long as there is something to deliver."""

    def __init__(self, settings: Settings, clock: Clock, faults: Faults) -> None:
        self._settings = settings
        self._clock = clock
        self._faults = faults
        self._hooks: list[Hook] = []
        self._waiting: list[Notice] = []
        self._senders = self._told = self._sending = 0
        self._counts, self._answers = Counter[str](), Counter[str]()
        self._lock = threading.Lock()

    def register(self, hook: Hook) -> None:
        self._hooks.append(hook)

    def clear(self) -> None:
        with self._lock:
            self._hooks.clear()
            self._waiting.clear()

    def told(self) -> dict[str, object]:
        with self._lock:
            counts = {name: self._counts[name] for name in ("delivered", "given_up")}
            waiting = len(self._waiting) + self._sending
            return {"waiting": waiting, **counts, "answers": dict(self._answers)}

    def tell(self, kind: str, message: Mapping[str, object], due: float) -> None:
        with self._lock:
            for hook in self._hooks:
                if kind in hook.types:
                    self._told += 1
                    content = orjson.dumps(message)
                    heappush(self._waiting, Notice(due, self._told, kind, content, hook))
            while self._senders < min(SENDERS, len(self._waiting)):
                self._senders += 1
                threading.Thread(target=self._send_all, daemon=True).start()

    def _send_all(self) -> None:
        with httpx.Client(transport=self._settings.transport(), timeout=TIMEOUT_SECONDS) as client:
            while self._is_needed():
                if notice := self._next():
                    self._send(client, notice)
                else:
                    time.sleep(LOOKING_SECONDS)

    def _is_needed(self) -> bool:
        with self._lock:
            self._senders -= not self._waiting
            return bool(self._waiting)

    def _next(self) -> Notice | None:
        with self._lock:
            if not self._waiting or self._waiting[0].due > self._clock.now():
                return None
            self._sending += 1
            return heappop(self._waiting)

    def _send(self, client: httpx.Client, notice: Notice) -> None:
        pause, outcome = FIRST_PAUSE_SECONDS, "given_up"
        for _ in range(TRIES):
            answer = self._attempt(client, notice)
            with self._lock:
                self._answers[answer] += 1
            if answer == "200" and not self._faults.strike("duplicate", "webhook", notice.type):
                outcome = "delivered"
                break
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        with self._lock:
            self._counts[outcome] += 1
            self._sending -= 1

    def _attempt(self, client: httpx.Client, notice: Notice) -> str:
        try:
            answer = client.post(notice.hook.url, json=self._envelope(notice))
        except httpx.TransportError as error:
            return type(error).__name__
        is_plain = answer.status_code == 200 and not _is_success(answer.content)
        return "200 without success" if is_plain else str(answer.status_code)

    def _envelope(self, notice: Notice) -> dict[str, str]:
        """The same at each attempt, but for faults."""
        is_bad = self._faults.strike("bad_signature", "webhook", notice.type)
        is_cut = self._faults.strike("malformed", "webhook", notice.type)
        message = notice.message[: len(notice.message) // 2] if is_cut else notice.message
        key = notice.hook.secret[::-1] if is_bad else notice.hook.secret
        digest = hmac.digest(key.encode(), message, hashlib.sha256)
        name = identity(32, self._settings.seed, "notice", notice.number, notice.message)
        return {
            "type": "Notification",
            "hookName": notice.type,
            "messageId": str(UUID(name, version=4)),
            "message": message.decode(),
            "signature": base64.b64encode(digest).decode(),
            "kid": "sandbox-1",
        }


def _is_success(content: bytes) -> bool:
    try:
        return bool(orjson.loads(content) == {"status": "success"})
    except orjson.JSONDecodeError:
        return False
