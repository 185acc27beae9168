"""Notifications to a URL, each repeated until it is answered with success.

    POST /_simulator/notify  begins a run: {"url": ..., "from"?: "2023-06-04", "to"?: the same}
    GET  /_simulator/runs/1  {"done", "deliveries": answered 2xx, "given_up", "answers": {"200": n},
                             "notifications": distinct ones taken, by type, "trips": distinct ones}

Told is of trips that began on these days (yesterday), or of one "driver" alone. "types" are some of
COLLISION, TRIP_SCORED and DEVICE_HEALTH, which nobody has documented; the first two without more.
With "data" false a notification only says what there is. "mode" is how we show who we are:
signature, api_key, wrong_signature, wrong_api_key or none. "copies" is how often each is delivered,
"items" how many at most; with "shuffle" they come in any order. "tries" is how often each is tried.
"""

import base64
import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import islice
from time import sleep

import httpx
import msgspec
import orjson

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.choices import must_be_known
from tests.sandbox.simulators.zendrive import SECRET
from tests.sandbox.simulators.zendrive.notices import COLLISION, TRIP_SCORED, TYPES, of_trip
from tests.sandbox.simulators.zendrive.outbox import posted
from tests.sandbox.simulators.zendrive.recording import Json
from tests.sandbox.simulators.zendrive.world import World

MODES = ("signature", "api_key", "wrong_signature", "wrong_api_key", "none")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0


class Order(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to notify, and how."""

    url: str
    first: date | None = msgspec.field(name="from", default=None)
    last: date | None = msgspec.field(name="to", default=None)
    driver: str = ""
    types: tuple[str, ...] = (COLLISION, TRIP_SCORED)
    items: int | None = None
    copies: int = 1
    shuffle: bool = False
    data: bool = True
    mode: str = "signature"
    tries: int = 60

    def __post_init__(self) -> None:
        must_be_known("mode", self.mode, MODES)
        for name in self.types:
            must_be_known("type", name, TYPES)
        if min(self.copies, self.tries) < 1:
            raise ValueError("copies and tries are 1 or more")


class Run:
    """One order, carried out by the senders."""

    def __init__(self, order: Order, world: World) -> None:
        self._order = order
        self._world = world
        self._lock = threading.Lock()
        self._left = -1  # nobody has looked yet
        self._counts = Counter[str]()
        self._answers = Counter[str]()
        self._taken: dict[bytes, str] = {}
        self._trips: set[str] = set()

    def begin(self) -> None:
        bodies = [(orjson.dumps(one), one) for one in islice(self._told(), self._order.items)]
        bodies *= self._order.copies
        if self._order.shuffle:
            chance(self._world.drivers.people.seed, "zendrive", "shuffle").shuffle(bodies)
        self._left = len(bodies)
        for content, told in bodies:
            self._world.outbox.put(partial(self._send, content, told))

    def told(self) -> Json:
        with self._lock:
            return {
                "done": self._left == 0,
                "deliveries": self._counts["deliveries"],
                "given_up": self._counts["given_up"],
                "answers": dict(self._answers),
                "notifications": Counter(self._taken.values()),
                "trips": len(self._trips),
            }

    def _told(self) -> Iterator[Json]:
        order, drivers = self._order, self._world.drivers
        first = order.first or drivers.now().date() - timedelta(days=1)
        one = drivers.find(order.driver) if order.driver else None
        for person in [one] if one else drivers.people:
            for trip in drivers.trips(person, first, order.last or first):
                crash = drivers.crash_of(trip)
                yield from of_trip(trip, crash, order.types, with_data=order.data)

    def _send(self, content: bytes, told: Json, http: httpx.Client) -> None:
        pause, is_taken = FIRST_PAUSE_SECONDS, False
        for number in range(self._order.tries):
            sleep(pause if number else 0)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS) if number else pause
            answer = posted(http, self._order.url, content, **proof(content, self._order.mode))
            with self._lock:
                self._answers[answer] += 1
            if is_taken := answer.startswith("2"):
                break
        with self._lock:
            self._left -= 1
            self._counts["deliveries" if is_taken else "given_up"] += 1
            if is_taken:
                self._taken[content] = str(told["type"])
                self._trips |= {str(told[name]) for name in ("trip_id",) if name in told}


def proof(content: bytes, mode: str) -> dict[str, str]:
    """`v1_` and the HMAC in base64, with the API key as its secret; or the key itself."""
    key = SECRET["api_key"][::-1] if mode.startswith("wrong") else SECRET["api_key"]
    if mode == "none":
        return {}
    if mode.endswith("api_key"):
        return {"Authorization": f"APIKEY {key}"}
    digest = hmac.digest(key.encode(), content, hashlib.sha256)
    return {"Authorization": f"v1_{base64.b64encode(digest).decode()}"}
