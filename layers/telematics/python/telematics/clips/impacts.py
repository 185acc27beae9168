"""Something was hit: the footage is asked for at once, if the driver is one of our users.

An impact is told several times, by a webhook and whenever the provider is asked for its events;
as it is always the same footage that is asked for, once is enough.
"""

import gzip
import importlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypedDict, cast

from telematics import http, raw, secrets
from telematics.clips import claiming, sources
from telematics.clips.claiming import Desk
from telematics.clips.sources import Fields
from telematics.clips.wishes import Wish, wish
from telematics.errors import MalformedPayload, UserBlocked
from telematics.observability import logger
from telematics.raw import RawKey, Zone
from telematics.settings import settings
from telematics.users import directory
from telematics.users.user import Status, User, UserGone

REQUESTER = "telematics"
# Cards are written over and over: whoever looks further back wants something else.
WORTH_ASKING = timedelta(days=3)


class Event(TypedDict):
    """`Object Created` of an object in raw, as EventBridge tells it."""

    detail: dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Impact:
    """`id` and `driver` are the provider's, and empty where they are not told."""

    device: str
    at: datetime
    kind: str
    id: str = ""
    driver: str = field(default="", repr=False)


class ImpactSource(Protocol):
    """Raises ProviderError."""

    def whole(self, impact: Impact) -> Impact | None:
        """With all that is known of it; None while the provider knows nothing."""
        ...


class _Module(Protocol):
    """`providers/<name>/impacts.py`."""

    def connect(self, fields: Fields, *, base_url: str) -> ImpactSource: ...
    def told(self, dataset: str, content: bytes) -> Sequence[Impact]:
        """The events that an object in raw tells of, impacts or not. Raises MalformedPayload."""
        ...


@dataclass(frozen=True)
class Impacts:
    """Everything that it touches. `kinds` are those of events that are impacts."""

    zone: Zone
    kinds: Collection[str]
    module: Callable[[str], _Module]
    source: Callable[[], ImpactSource]
    owner: Callable[[str, str], User | None]
    desk: Callable[[], Desk]
    now: Callable[[], datetime] = http.utc_now

    def take(self, event: Event) -> int:
        """How many clips were asked for. Raises ProviderError, NotAnnounced and Busy."""
        key = RawKey.parse(str(event["detail"]["object"]["key"]))
        there = self.zone.head(key)
        if there is None:
            return 0
        with self.zone.open(key, there.etag) as body:
            content = body.read()
        plain = gzip.decompress(content) if key.extension.endswith("gz") else content
        try:
            told = self.module(key.provider).told(key.dataset, plain)
        except MalformedPayload:
            return 0  # its own loading says so
        return sum(self._asked_for(key.provider, one) for one in dict.fromkeys(told))

    def _asked_for(self, provider: str, told: Impact) -> bool:
        now = self.now()
        if told.kind.lower() not in self.kinds or now - told.at > WORTH_ASKING:
            return False
        impact = told if told.id and told.driver else self.source().whole(told)
        if impact is None or not self._is_ours(provider, impact.driver):
            return False
        wanted = _wish(provider, impact, now)
        try:
            claimed = self.desk().request(
                wanted, now=now, key=f"impact/{provider}/{impact.id}", driver=impact.driver
            )
        except UserBlocked:
            return False  # since a moment ago
        is_new = claimed.clip.requested_at == now
        told_of = {"clip_id": claimed.clip.task_id, "is_new": is_new}
        logger.info("footage of an impact", extra=told_of)
        return is_new

    def _is_ours(self, provider: str, driver: str) -> bool:
        """Linked to a user, and nobody has stopped their data."""
        try:
            user = self.owner(provider, driver) if driver else None
        except UserGone:
            return False
        return user is not None and user.status is Status.ACTIVE


def _wish(provider: str, impact: Impact, now: datetime) -> Wish:
    asked = {
        "device": impact.device,
        "at": impact.at.isoformat(),
        "requester": REQUESTER,
        "reason": f"impact {impact.id}",
    }
    return wish(asked, provider=provider, now=now)


def module(name: str) -> _Module:
    found = importlib.import_module(f"telematics.providers.{sources.provider(name).name}.impacts")
    return cast(_Module, found)


def source(name: str) -> ImpactSource:
    """With the secret of the stack that this function belongs to."""
    fields = secrets.deployed().read(settings().secret_arn, sources.provider(name))
    return module(name).connect(fields, base_url=settings().provider_base_url)


def deployed() -> Impacts:
    provider = settings().provider
    return Impacts(
        zone=raw.deployed(),
        kinds=settings().impact_kinds,
        module=module,
        source=lambda: source(provider),
        owner=lambda name, id: directory.deployed().owner(name, id),
        desk=claiming.deployed,
    )
