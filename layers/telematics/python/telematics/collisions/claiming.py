"""The same claim, person, day and place is the same request: the first claims it, others join.

What joins costs nothing. A request that ended without an answer, or that nobody works on any more,
is begun again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from telematics import events, tasks
from telematics.collisions import drivers
from telematics.collisions.collision import Collision, Collisions, State
from telematics.collisions.drivers import Driver, Drivers
from telematics.collisions.wishes import Wish
from telematics.events import Bus
from telematics.requesting import Conflict, Request, is_known, noted


@dataclass(frozen=True)
class Claimed:
    """`joined`: somebody else had asked for it before, and it is under way or there."""

    collision: Collision
    joined: bool


@dataclass(frozen=True)
class Claiming:
    """Where requests are handed in."""

    collisions: Collisions
    drivers: Drivers
    bus: Bus

    def request(self, wish: Wish, *, now: datetime, key: str = "") -> Claimed:
        """Claims, and has a machine begin. The same `key` again is the same request.

        Raises what Drivers raises, and Conflict; or NotAnnounced: then asking again does the rest.
        """
        driver = self.drivers.find(wish.provider, wish.user_id)
        wish = replace(wish, user_id=driver.user_id)
        if key and not self.collisions.tasks.keyed(key, repr(wish), now=now):
            raise Conflict("the idempotency key was used for another request")
        claimed = self._claim(wish, driver, now=now, key=key)
        collision = claimed.collision
        # Also where somebody claimed it and nobody began: their event may have gone astray.
        if collision.state is State.REQUESTED and not collision.runner:
            self.bus.put(wish.event())
        return claimed

    def _claim(self, wish: Wish, driver: Driver, *, now: datetime, key: str) -> Claimed:
        request = Request(
            requester=wish.requester,
            requested_at=now,
            idempotency_key=tasks.digest_of(key) if key else "",
        )
        is_new = True

        def claimed(known: Collision | None) -> Collision:
            nonlocal is_new
            is_new = known is None or _is_to_be_begun(known, request, now)
            if known is None:
                return _first(wish, driver, request, now)
            joined = known.with_(requests=noted(known.requests, request))
            return _again(joined, wish, driver, now) if is_new else joined

        collision = self.collisions.put(wish.collision_id, claimed)
        is_ours = bool(key) and collision.requests[0].idempotency_key == request.idempotency_key
        return Claimed(collision, joined=not is_new and not is_ours)


def _is_to_be_begun(known: Collision, request: Request, now: datetime) -> bool:
    if known.is_abandoned(now):
        return True
    has_answer = known.state is State.RECEIVED
    # Who repeats a request that has ended since wants to know how it ended.
    return known.has_ended and not has_answer and not is_known(known.requests, request)


def _first(wish: Wish, driver: Driver, request: Request, now: datetime) -> Collision:
    return Collision(
        task_id=wish.collision_id,
        provider=wish.provider,
        user_id=driver.user_id,
        provider_user_id=driver.provider_user_id,
        day=wish.day,
        at=wish.at,
        latitude=wish.latitude,
        longitude=wish.longitude,
        claim=wish.claim,
        requests=(request,),
        requested_at=now,
        begun_at=now,
    )


def _again(known: Collision, wish: Wish, driver: Driver, now: datetime) -> Collision:
    """From the start; only who asked, and what came already, stays."""
    ended = known if known.has_ended else known.turned(State.UNANSWERED)
    begun = _first(wish, driver, known.requests[0], now)
    return begun.with_(
        state=ended.turned(State.REQUESTED).state,
        requests=known.requests,
        requested_at=known.requested_at,
        revision=known.revision,
    )


def deployed() -> Claiming:
    return Claiming(Collisions(tasks.deployed()), drivers.deployed(), events.deployed())
