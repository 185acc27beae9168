"""A provider tells of a collision by itself: its details are asked for, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from telematics import http, raw
from telematics.collisions import claiming, sources
from telematics.collisions.claiming import Claiming
from telematics.collisions.drivers import NotLinked
from telematics.collisions.sources import Noticed
from telematics.collisions.wishes import wish
from telematics.errors import InvalidRequest, MalformedPayload, TelematicsError, UserBlocked
from telematics.observability import logger
from telematics.raw import RawKey, Zone
from telematics.users.user import UnknownUser, UserGone

REQUESTER = "telematics"
NOBODYS = "nobody is linked to its driver"


class Event(TypedDict):
    """`Object Created` of an object in raw, as EventBridge tells it."""

    detail: dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Noticing:
    """Everything that noticing touches."""

    zone: Zone
    claiming: Claiming
    now: Callable[[], datetime] = http.utc_now

    def take(self, event: Event) -> bool:
        """Whether a request was made, or joined."""
        key = RawKey.parse(str(event["detail"]["object"]["key"]))
        there = self.zone.head(key)
        if there is None:
            return False
        with self.zone.open(key, there.etag) as body:
            content = body.read()
        try:
            noticed = sources.module(key.provider).noticed(content)
        except MalformedPayload:
            return False  # the notification's own loading says so
        return noticed is not None and self._claimed(key.provider, noticed)

    def _claimed(self, provider: str, noticed: Noticed) -> bool:
        """Only for somebody who is linked, and whose data may be kept."""
        try:
            driver = self.claiming.drivers.of(provider, noticed.driver)
            if driver is None:
                return _left(NOBODYS)
            claim, now = f"notification {noticed.collision}", self.now()
            told = {
                "user_id": driver.user_id,
                "date": noticed.at.astimezone(UTC).date().isoformat(),
                "at": noticed.at.isoformat(),
                "claim": claim,
                "requester": REQUESTER,
            }
            asked = wish(told, provider=provider, now=now)
            self.claiming.request(asked, now=now, key=f"{asked.collision_id} {claim}")
        except (UnknownUser, UserGone, UserBlocked, NotLinked, InvalidRequest) as error:
            return _left(_kind(error))
        return True


def _left(reason: str) -> bool:
    logger.info("a collision is not asked for", extra={"reason": reason})
    return False


def _kind(error: TelematicsError) -> str:
    return type(error).__name__


def deployed() -> Noticing:
    return Noticing(raw.deployed(), claiming.deployed())
