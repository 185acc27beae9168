"""Requests that other systems put on the bus: claimed, or refused on the bus as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from telematics import http
from telematics.collisions import claiming
from telematics.collisions.claiming import Claiming
from telematics.collisions.collision import State
from telematics.collisions.drivers import NotLinked
from telematics.collisions.wishes import wish
from telematics.errors import InvalidRequest, UserBlocked
from telematics.events import CollisionUnanswered
from telematics.users.user import UnknownUser, UserGone

ELSEWHERE = "another system"


class Event(TypedDict):
    """`Collision Requested`, as EventBridge tells it; `id` is the event's own."""

    id: str
    detail: Mapping[str, Any]  # Any: JSON that others wrote


@dataclass(frozen=True)
class Taking:
    """Everything that taking touches."""

    provider: str
    claiming: Claiming
    now: Callable[[], datetime] = http.utc_now

    def take(self, event: Event) -> bool:
        """Whether it was claimed, or joined. The same event again is the same request."""
        now, detail = self.now(), event["detail"]
        collision_id = ""
        try:
            asked = wish({"requester": ELSEWHERE, **detail}, provider=self.provider, now=now)
            collision_id = asked.collision_id
            self.claiming.request(asked, now=now, key=event["id"])
        except (InvalidRequest, UnknownUser, UserGone, UserBlocked, NotLinked) as error:
            self._refuse(collision_id, str(error))
            return False
        return True

    def _refuse(self, collision_id: str, reason: str) -> None:
        self.claiming.bus.put(
            CollisionUnanswered(
                provider=self.provider,
                collision_id=collision_id,
                state=State.REFUSED,
                reason=reason,
            )
        )


def deployed(provider: str) -> Taking:
    return Taking(provider, claiming.deployed())
