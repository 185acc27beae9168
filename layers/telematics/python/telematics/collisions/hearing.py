"""What came to the addresses that were handed out for a request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telematics.capabilities import Capabilities, Capability, answer_of
from telematics.catalog import PROVIDERS
from telematics.collisions.collision import Answer, Collision, State
from telematics.raw import RawKey

TOO_LARGE = "the answer had {:,} bytes, more than the {:,} that can be taken"


@dataclass(frozen=True)
class Hearing:
    """Raw tells of each answer, a moment later; this is for who can't wait for that."""

    capabilities: Capabilities

    def heard(self, collision: Collision, *, now: datetime) -> Collision:
        return self._told(collision, self.capabilities.look, now)

    def closed(self, collision: Collision, *, now: datetime) -> Collision:
        """Nobody may answer any more; who did so at the last moment is heard."""
        return self._told(collision, self.capabilities.close, now)

    def _told(
        self, collision: Collision, look: Callable[[str], Capability | None], now: datetime
    ) -> Collision:
        provider = PROVIDERS[collision.provider]
        found = [one for place in collision.addresses if (one := look(place))]
        for one in found:
            if one.used_by:
                collision = answered(collision, one.key(provider, one.used_by), now)
        size = max((one.too_large_bytes for one in found), default=0)
        if not size or collision.verdict:
            return collision
        reason = TOO_LARGE.format(size, provider.called_back.largest_bytes)
        return collision.with_(verdict=State.TOO_LARGE, reason=reason)


def answered(collision: Collision, key: RawKey, now: datetime) -> Collision:
    """An answer that is known already is no other one."""
    if any(one.raw_key == str(key) for one in collision.answers):
        return collision
    _, digest = answer_of(key)
    one = Answer(raw_key=str(key), sha256=digest, came_at=now)
    return collision.with_(answers=(*collision.answers, one))
