"""HTTP to providers: clients that never wait for ever, and patience with servers that are busy."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TypeVar

import httpx

from telematics.errors import Forbidden, NotFound, ProviderBusy, ProviderRefused

T = TypeVar("T")

AGENT = {"User-Agent": "telematics-lake"}
BUSY_STATUSES = frozenset({408, 425, 429})
REFUSALS: Mapping[int, type[ProviderRefused]] = {403: Forbidden, 404: NotFound}
# One for answers that somebody has to think about, one for those that somebody waits for (API
# Gateway for 30 seconds, of which these are to leave room for a second attempt), one for bytes that
# only have to come.
ANSWER_TIMEOUT = httpx.Timeout(45, connect=10)
PROMPT_TIMEOUT = httpx.Timeout(10, connect=5)
DOWNLOAD_TIMEOUT = httpx.Timeout(30, connect=10)


@cache
def api() -> httpx.Client:
    """For calls that carry a key."""
    _keep_links_out_of_the_log()
    return httpx.Client(timeout=ANSWER_TIMEOUT, headers=AGENT, follow_redirects=False)


@cache
def prompt() -> httpx.Client:
    """For calls that carry a key, while somebody waits for us."""
    _keep_links_out_of_the_log()
    return httpx.Client(timeout=PROMPT_TIMEOUT, headers=AGENT, follow_redirects=False)


@cache
def downloads() -> httpx.Client:
    """For links that are keys themselves: nothing else goes with them, and nowhere else."""
    _keep_links_out_of_the_log()
    return httpx.Client(timeout=DOWNLOAD_TIMEOUT, headers=AGENT, follow_redirects=False)


def _keep_links_out_of_the_log() -> None:
    """httpx writes every URL at INFO, httpcore every header at DEBUG."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def utc_now() -> datetime:
    return datetime.now(UTC)


def send(client: httpx.Client, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
    """The answer, whatever it is. Only the kind of a failure is told: its text may hold the URL."""
    try:
        return client.send(request, stream=stream)
    except httpx.RequestError as error:
        raise ProviderBusy(f"no answer from {request.url.host}: {type(error).__name__}") from None


def check(response: httpx.Response, *, who: str, now: datetime | None = None) -> None:
    """Raise unless it is a success: ProviderBusy to ask again, ProviderRefused not to.

    Of refusals, 403 is Forbidden and 404 NotFound.
    """
    status = response.status_code
    if status in BUSY_STATUSES or status >= 500:
        wait = retry_after_seconds(response, now=now or utc_now())
        raise ProviderBusy(f"{who} answered {status}", retry_after_seconds=wait)
    if not response.is_success:
        raise REFUSALS.get(status, ProviderRefused)(f"{who} answered {status}")


def retry_after_seconds(response: httpx.Response, *, now: datetime) -> float | None:
    """`Retry-After`, which is seconds or a date; None when there is none that can be read."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


@dataclass(frozen=True)
class Patience:
    """How often, and how long altogether, to ask somebody who is busy."""

    attempts: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 8.0
    total_wait_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def wait_seconds(self, failures: int) -> float:
        """Doubled at each failure; between half and the whole of it, lest all ask at once."""
        whole = min(self.first_wait_seconds * 2.0 ** (failures - 1), self.longest_wait_seconds)
        return whole * (0.5 + self.jitter() / 2)


class Retries:
    """Failures in a row, and the time spent waiting between them."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.forget()

    def forget(self) -> None:
        """Something went well: start counting again."""
        self._failures = 0
        self._waited_seconds = 0.0

    def wait_after(self, busy: ProviderBusy) -> None:
        """Wait before the next attempt; raise `busy` when there is to be none."""
        self._failures += 1
        wait = max(self._patience.wait_seconds(self._failures), busy.retry_after_seconds or 0)
        over = self._waited_seconds + wait > self._patience.total_wait_seconds
        if over or self._failures >= self._patience.attempts:
            raise busy
        self._patience.sleep(wait)
        self._waited_seconds += wait


def patiently(once: Callable[[], T], patience: Patience) -> T:
    """What `once` returns when it is no longer ProviderBusy."""
    retries = Retries(patience)
    while True:
        try:
            return once()
        except ProviderBusy as busy:
            retries.wait_after(busy)
