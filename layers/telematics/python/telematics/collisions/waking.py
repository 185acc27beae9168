"""An answer is in raw: whoever waits for it is woken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from telematics import callbacks, http, tasks
from telematics.callbacks import Callbacks
from telematics.capabilities import answer_of
from telematics.collisions.asking import Next
from telematics.collisions.collision import Collisions, UnknownCollision
from telematics.collisions.hearing import answered
from telematics.raw import RawKey


class Event(TypedDict):
    """`Object Created` of an object in raw, as EventBridge tells it."""

    detail: dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Waking:
    """Everything that waking touches."""

    collisions: Collisions
    callbacks: Callbacks
    now: Callable[[], datetime] = http.utc_now

    def take(self, event: Event) -> int:
        """How many were woken. What nobody waits for any more is noted all the same."""
        key = RawKey.parse(str(event["detail"]["object"]["key"]))
        collision_id, _ = answer_of(key)
        now = self.now()
        try:
            collision = self.collisions.change(collision_id, lambda one: answered(one, key, now))
        except UnknownCollision:
            return 0  # whom it was about is erased
        if collision.has_ended or not collision.wait_token:
            return 0
        told = {"collision_id": collision_id, "next": Next.FINISH, "wait_seconds": 0}
        return int(self.callbacks.answer(collision.wait_token, told))


def deployed() -> Waking:
    return Waking(Collisions(tasks.deployed()), callbacks.deployed())
