"""The end of a request: how it ended, and the news of it, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from telematics import capabilities, events, http, tasks
from telematics.collisions.collision import Collision, Collisions, State
from telematics.collisions.hearing import Hearing
from telematics.events import Bus, CollisionReceived, CollisionUnanswered, Detail
from telematics.observability import logger

BROKEN_OFF = "the work on it broke off"


class Event(TypedDict):
    """Called also when the machine stopped halfway; `execution` is its own."""

    collision_id: str
    execution: str


class Finished(TypedDict):
    """How it ended."""

    collision_id: str
    state: State


@dataclass(frozen=True)
class Finishing:
    """Everything that finishing touches."""

    collisions: Collisions
    hearing: Hearing
    bus: Bus
    now: Callable[[], datetime] = http.utc_now

    def finish(self, collision_id: str, runner: str) -> Finished:
        """Only who works on it ends it, or whoever comes where nobody does.

        A repeat tells nothing twice, unless it is unknown whether it was told.
        """
        now = self.now()
        collision = self.collisions.change(
            collision_id, lambda one: self._ended(one, now) if one.runner in ("", runner) else one
        )
        if collision.has_ended and not collision.is_announced:
            self.bus.put(_news(collision))
            self.collisions.change(collision_id, _announced)
        told: Finished = {"collision_id": collision_id, "state": collision.state}
        logger.info("collision finished", extra={**told, "why": collision.reason})
        return told

    def _ended(self, collision: Collision, now: datetime) -> Collision:
        """As it is, if it has ended before. Addresses outlive an answer, and nothing else."""
        if collision.has_ended:
            return collision
        if not collision.answers:
            collision = self.hearing.closed(collision, now=now)
        return ended(collision, now)


def ended(collision: Collision, now: datetime) -> Collision:
    facts = {"ended_at": now, "runner": "", "wait_token": ""}
    if collision.answers:
        return collision.turned(State.RECEIVED, reason="", **facts)
    if collision.verdict:
        return collision.turned(collision.verdict, **facts)
    reason = ": ".join(part for part in (BROKEN_OFF, collision.reason) if part)
    return collision.turned(State.UNANSWERED, reason=reason, **facts)


def _announced(collision: Collision) -> Collision:
    """Somebody may have asked for it anew meanwhile."""
    return collision.with_(is_announced=True) if collision.has_ended else collision


def _news(collision: Collision) -> Detail:
    told = {
        "provider": collision.provider,
        "collision_id": collision.task_id,
        "state": str(collision.state),
        "reason": collision.reason,
    }
    if not collision.answers:
        return CollisionUnanswered(**told)
    first = collision.answers[0]
    return CollisionReceived(**told, raw_key=first.raw_key, sha256=first.sha256)


def deployed() -> Finishing:
    return Finishing(
        Collisions(tasks.deployed()), Hearing(capabilities.deployed()), events.deployed()
    )
