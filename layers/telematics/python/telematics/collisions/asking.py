"""Ask the provider, at a new address each time, until it answers or was asked often enough."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from pydantic import SecretStr

from telematics import callbacks, capabilities, http, tasks
from telematics.addresses import callback_url
from telematics.callbacks import Callbacks
from telematics.collisions import drivers, sources
from telematics.collisions.collision import Collision, Collisions, State
from telematics.collisions.drivers import Driver, Drivers, NotLinked
from telematics.collisions.hearing import Hearing
from telematics.collisions.sources import CollisionSource, Question
from telematics.errors import (
    InvalidRequest,
    ProviderBusy,
    ProviderRefused,
    UserBlocked,
)
from telematics.observability import logger
from telematics.redaction import redacted
from telematics.settings import settings
from telematics.users.user import UnknownUser, UserGone
from telematics.waits import Waits

MOST_FAILURES = 36  # in a row: so often a provider that is busy is asked again, for six hours
NEVER_CAME = "no answer came; it was asked for {} times"
NOT_TAKEN = "the provider had no time for it: {}"


class Next(StrEnum):
    """What the machine is to do; empty while there is only to wait for an answer."""

    WAIT = ""
    PAUSE = "pause"  # and ask again
    FINISH = "finish"
    END = "end"  # it has ended, or somebody else works on it


class Event(TypedDict):
    """The machine waits for `token` as long as it said; `execution` is its own."""

    collision_id: str
    token: str
    execution: str


class Asked(TypedDict):
    """What is known now."""

    collision_id: str
    state: State
    next: Next


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for, and how often it is asked for.

    `waits` are those between two attempts at that, while the provider is busy.
    """

    answer_seconds: int
    most_asks: int
    waits: Waits

    def until(self, collision: Collision, now: datetime) -> datetime:
        """When an address expires: when the last answer is waited for no more."""
        asks = self.most_asks - collision.asks
        return now + timedelta(seconds=asks * self.answer_seconds + self.waits.longest_seconds)


@dataclass(frozen=True)
class Asking:
    """Everything that asking touches."""

    collisions: Collisions
    source: Callable[[], CollisionSource]
    drivers: Drivers
    hearing: Hearing
    callbacks: Callbacks
    patience: Patience
    address: Callable[[str], str]
    now: Callable[[], datetime] = http.utc_now

    def ask(self, event: Event) -> Asked:
        """The machine's token is written down first: an answer may come while we ask."""
        collision_id, token = event["collision_id"], event["token"]
        runner, now = event["execution"], self.now()
        collision = self.collisions.change(
            collision_id, lambda one: self.hearing.heard(_taken(one, runner, token), now=now)
        )
        if collision.has_ended or collision.runner != runner:
            return self._told(collision, Next.END, token)
        if not _is_decided(collision):
            collision = self._asked(collision)
        if _is_decided(collision):
            return self._told(collision, Next.FINISH, token)
        is_asked = collision.failures == 0
        return self._told(collision, Next.WAIT if is_asked else Next.PAUSE, token)

    def _asked(self, collision: Collision) -> Collision:
        if collision.asks >= self.patience.most_asks:
            return self._decided(collision, State.UNANSWERED, NEVER_CAME.format(collision.asks))
        try:
            driver = self.drivers.find(collision.provider, collision.user_id)
            return self._sent(collision, driver)
        except ProviderBusy as error:
            return self._busy(collision, error)
        except (UserBlocked, UserGone, UnknownUser, NotLinked) as error:
            return self._decided(collision, State.REFUSED, str(error))

    def _sent(self, collision: Collision, driver: Driver) -> Collision:
        """What the provider says may hold what it was asked."""
        token, place = self.hearing.capabilities.mint(
            collision.task_id,
            day=collision.day,
            until=self.patience.until(collision, self.now()),
        )
        known = {"provider_user_id": driver.provider_user_id}  # the link may be another one now
        collision = self.collisions.change(
            collision.task_id, lambda one: one.with_(addresses=(*one.addresses, place), **known)
        )
        question = Question(
            driver=collision.provider_user_id,
            day=collision.day,
            answer_to=SecretStr(self.address(token)),
            at=collision.at,
            latitude=collision.latitude,
            longitude=collision.longitude,
        )
        address = question.answer_to.get_secret_value()
        private = (address, token, collision.provider_user_id, collision.user_id)
        try:
            self.source().ask(question)
        except (ProviderRefused, InvalidRequest) as error:
            return self._decided(collision, State.REFUSED, redacted(str(error), *private))
        except ProviderBusy as error:
            reason = redacted(str(error), *private)
            raise ProviderBusy(reason, retry_after_seconds=error.retry_after_seconds) from None
        return self.collisions.change(collision.task_id, _taken_by_provider)

    def _busy(self, collision: Collision, error: ProviderBusy) -> Collision:
        waits, wanted = self.patience.waits, int(error.retry_after_seconds or 0)
        wait = min(max(waits.after(collision.failures), wanted), waits.longest_seconds)
        facts = {"reason": str(error), "pause_seconds": wait}
        failed = self.collisions.change(
            collision.task_id, lambda one: one.with_(failures=one.failures + 1, **facts)
        )
        if failed.failures < MOST_FAILURES:
            return failed
        return self._decided(failed, State.UNANSWERED, NOT_TAKEN.format(error))

    def _decided(self, collision: Collision, verdict: State, reason: str) -> Collision:
        facts = {"verdict": verdict, "reason": reason}
        return self.collisions.change(collision.task_id, lambda one: one.with_(**facts))

    def _told(self, collision: Collision, following: Next, token: str) -> Asked:
        """The machine hears of it unless it is to wait; somebody else may have told it already."""
        if following:
            told = {"collision_id": collision.task_id, "next": following}
            self.callbacks.answer(token, {**told, "wait_seconds": collision.pause_seconds})
        asked: Asked = {
            "collision_id": collision.task_id,
            "state": collision.state,
            "next": following,
        }
        counts = {"asks": collision.asks, "failures": collision.failures}
        logger.info("collision asked for", extra={**asked, **counts})
        return asked


def _taken(collision: Collision, runner: str, token: str) -> Collision:
    """By the first who comes; whoever comes later has nothing to do."""
    if collision.has_ended or collision.runner not in ("", runner):
        return collision
    return collision.with_(runner=runner, wait_token=token)


def _is_decided(collision: Collision) -> bool:
    return bool(collision.answers) or collision.verdict is not None


def _taken_by_provider(collision: Collision) -> Collision:
    asks = collision.asks + 1
    if collision.has_ended:  # an answer was faster than the provider's own word for it
        return collision.with_(asks=asks)
    return collision.turned(State.ASKED, asks=asks, failures=0, reason="")


def deployed() -> Asking:
    here = settings()
    provider = sources.provider(here.provider)
    return Asking(
        collisions=Collisions(tasks.deployed()),
        source=lambda: sources.source(provider.name),
        drivers=drivers.deployed(),
        hearing=Hearing(capabilities.deployed()),
        callbacks=callbacks.deployed(),
        patience=Patience(
            here.answer_seconds,
            here.most_asks,
            Waits(here.first_wait_seconds, here.longest_wait_seconds),
        ),
        address=lambda token: callback_url(here, provider, token),
    )
