"""Both notifiers: signed deliveries, each repeated until it is answered 200.

    POST /_simulator/notify  begins a run: {"timeline_url": ..., "notifications_url": ...}
    GET  /_simulator/runs/1  {"done", "deliveries": answered 200, "given_up", "answers": {"200": n},
                             "items": distinct ones notified, "dropped", "seconds"}

Each of the urls may be left out. What is notified began from day "from" (yesterday) to
day "to" (the same). "items" is how many in all, dropped ones too: the population's own first, then
those of more people. "types" keeps only items of these types, "points_every": 10 only each tenth of
those with points. "drop": 0.1 leaves a tenth out, as deliveries that were lost. "batch" is the size
of a body, "copies" how often each is delivered; with "shuffle", items and deliveries come in any
order. "every_seconds" is the pause between bodies; both secrets can be given.
"""

import base64
import hashlib
import hmac
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import chain, islice
from typing import TypeVar

import httpx
import msgspec
import orjson

from tests.sandbox.simulators.chance import chance, share
from tests.sandbox.simulators.move import SECRET, notices
from tests.sandbox.simulators.move.faults import OF_SIGNATURES, Faults
from tests.sandbox.simulators.move.features import V1_5, V20
from tests.sandbox.simulators.move.notices import Notice
from tests.sandbox.simulators.move.timeline import KINDS, WITH_POINTS, Item, Timeline
from tests.sandbox.simulators.move.truth import Truth

T = TypeVar("T")

SENDERS = 4
TRIES = 60
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
TIMEOUT_SECONDS = 30.0


class Order(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to notify, and how."""

    timeline_url: str | None = None
    notifications_url: str | None = None
    first: date | None = msgspec.field(name="from", default=None)
    last: date | None = msgspec.field(name="to", default=None)
    items: int | None = None
    batch: int = 1000
    copies: int = 1
    shuffle: bool = False
    drop: float = 0
    types: tuple[str, ...] = KINDS
    points_every: int = 1
    every_seconds: float = 0
    timeline_secret: str = SECRET["timeline_secret"]
    notifications_secret: str = SECRET["notifications_secret"]

    def __post_init__(self) -> None:
        """Raises ValueError, which msgspec reports as its own."""
        if not set(self.types) <= set(KINDS):
            raise ValueError(f"types are some of {', '.join(KINDS)}")
        if min(self.batch, self.copies, self.points_every) < 1 or not 0 <= self.drop <= 1:
            raise ValueError("batch, copies and points_every are 1 or more, drop is from 0 to 1")

    def secret(self, webhook: str) -> str:
        return self.timeline_secret if webhook == "timeline" else self.notifications_secret


class Delivery(msgspec.Struct, frozen=True):
    """One body for one webhook."""

    webhook: str
    url: str
    content: bytes
    notices: tuple[Notice, ...] = ()


class Run:
    """One order, carried out by a few senders at once."""

    def __init__(self, order: Order, timeline: Timeline, faults: Faults, truth: Truth) -> None:
        yesterday = timeline.now().date() - timedelta(days=1)
        self._order = order
        self._days = (order.first or yesterday, order.last or order.first or yesterday)
        self._timeline = timeline
        self._faults = faults
        self._truth = truth
        self._making = threading.Lock()
        self._counting = threading.Lock()
        self._deliveries = self._made()
        self._begun = time.monotonic()
        self._seconds: float | None = None
        self._counts = Counter[str]()
        self._answers = Counter[str]()
        self._notified: set[object] = set()

    def told(self) -> dict[str, object]:
        with self._counting:
            seconds = self._seconds
            return {
                "done": seconds is not None,
                "deliveries": self._counts["deliveries"],
                "given_up": self._counts["given_up"],
                "answers": dict(self._answers),
                "items": len(self._notified),
                "dropped": self._counts["dropped"],
                "seconds": round(time.monotonic() - self._begun if seconds is None else seconds, 3),
            }

    def carry_out(self, transport: Callable[[], httpx.BaseTransport]) -> None:
        senders = [
            threading.Thread(target=self._send_all, args=(transport(),), daemon=True)
            for _ in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self._seconds = time.monotonic() - self._begun

    def _send_all(self, transport: httpx.BaseTransport) -> None:
        with httpx.Client(transport=transport, timeout=TIMEOUT_SECONDS) as client:
            while delivery := self._next():
                self._send(client, delivery)

    def _next(self) -> Delivery | None:
        with self._making:
            return next(self._deliveries, None)

    def _send(self, client: httpx.Client, delivery: Delivery) -> None:
        pause = FIRST_PAUSE_SECONDS
        for _ in range(TRIES):
            answer = self._attempt(client, delivery)
            with self._counting:
                self._answers[answer] += 1
            if answer == "200":
                self._note(delivery)
                return
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        with self._counting:
            self._counts["given_up"] += 1

    def _attempt(self, client: httpx.Client, delivery: Delivery) -> str:
        secret = self._order.secret(delivery.webhook)
        kinds = (kind for kind in OF_SIGNATURES if self._faults.strike(kind, delivery.webhook))
        signed = signature(delivery.content, secret, fault=next(kinds, None))
        headers = {"Content-Type": "application/json", **signed}
        try:
            answer = client.post(delivery.url, content=delivery.content, headers=headers)
        except httpx.TransportError as error:
            return type(error).__name__
        return str(answer.status_code)

    def _note(self, delivery: Delivery) -> None:
        self._truth.note(delivery.notices)
        with self._counting:
            self._counts["deliveries"] += 1
            self._notified.update(one.item.key for one in delivery.notices if not one.id)

    def _made(self) -> Iterator[Delivery]:
        order = self._order
        bodies = self._bodies(self._shuffled(self._kept()))
        copies = (body for body in bodies for _ in range(order.copies))
        for number, delivery in enumerate(self._shuffled(copies)):
            if number and order.every_seconds:
                time.sleep(order.every_seconds)
            yield delivery

    def _shuffled(self, given: Iterator[T]) -> Iterator[T]:
        if not self._order.shuffle:
            return given
        everything = list(given)
        chance(self._timeline.people.seed, "move", "shuffle").shuffle(everything)
        return iter(everything)

    def _kept(self) -> Iterator[Item]:
        seed = self._timeline.people.seed
        for item in islice(self._chosen(), self._order.items):
            self._timeline.choose(item)
            if share(seed, *item.key, "drop") < self._order.drop:
                self._counts["dropped"] += 1
                self._truth.drop(item)
            else:
                yield item

    def _chosen(self) -> Iterator[Item]:
        """More than the population's only where a number of items is asked for."""
        items, with_points = self._timeline.everybody(*self._days), 0
        if self._order.items is not None:
            items = chain(items, self._timeline.invented(*self._days))
        for item in items:
            kind = self._timeline.kind(item)
            with_points += kind in WITH_POINTS
            is_passed_over = kind in WITH_POINTS and with_points % self._order.points_every
            if kind in self._order.types and not is_passed_over:
                yield item

    def _bodies(self, items: Iterator[Item]) -> Iterator[Delivery]:
        order = self._order
        while batch := tuple(islice(items, order.batch)):
            if order.timeline_url:
                told = [notices.of_item(item) for item in batch]
                yield from self._with_faults("timeline", order.timeline_url, told)
            if order.notifications_url:
                told = [one for item in batch for one in notices.beside(self._timeline, item)]
                if told:
                    yield from self._with_faults("notifications", order.notifications_url, told)

    def _with_faults(self, webhook: str, url: str, told: list[Notice]) -> Iterator[Delivery]:
        if self._faults.strike("malformed", webhook):
            self._counts["malformed"] += 1
            content = notices.MALFORMED[self._counts["malformed"] % len(notices.MALFORMED)]
            yield Delivery(webhook, url, content)
        version = V20 if self._faults.strike("v20", webhook) else V1_5
        has_bad_one = self._faults.strike("partly_malformed", webhook) is not None
        body = notices.body(webhook, told, version, has_bad_one=has_bad_one)
        yield Delivery(webhook, url, orjson.dumps(body), tuple(told))


def signature(content: bytes, secret: str, *, fault: str | None) -> dict[str, str]:
    """The header: `sha256=`, and the HMAC in base64."""
    if fault == "no_signature":
        return {}
    key = secret[::-1] if fault == "bad_signature" else secret
    digest = hmac.digest(key.encode(), content, hashlib.sha256)
    spelt = digest.hex() if fault == "hex_signature" else base64.b64encode(digest).decode()
    prefix = "sha1=" if fault == "wrong_prefix" else "sha256="
    return {"X-Dolphin-Signature": prefix + spelt}
