"""Links that are keys themselves: signed for one file, good until they expire."""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypedDict
from urllib.parse import urlencode

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.sentiance.files.crashes import app_id
from tests.sandbox.simulators.sentiance.settings import Settings

EXPIRED_SINCE = timedelta(minutes=1)
KEY, SIGNATURE, EXPIRES = "AWSAccessKeyId", "Signature", "Expires"


class Link(TypedDict):
    """As the API tells it."""

    url: str
    expires_at: str


class Refused(Exception):
    """The link is not good: no longer, or never was."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class _Grant:
    """Links to the files of one offload."""

    key: str
    expires_at: datetime


class Links:
    """`folder` is the path below which the app's files are."""

    def __init__(self, settings: Settings) -> None:
        self.folder = f"/files/{app_id(settings.seed)}/"
        self._secret = identity(64, settings.seed, "links").encode()
        self._lifetime = timedelta(seconds=settings.link_seconds)
        self._now = settings.now
        self._numbers = count(1)
        self._grants: dict[tuple[date, str], _Grant] = {}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()

    def grant(self, day: date, offload_type: str, *, is_expired: bool = False) -> None:
        lifetime = -EXPIRED_SINCE if is_expired else self._lifetime
        expires_at = (self._now() + lifetime).replace(microsecond=0)
        with self._lock:
            key = f"SIMULATOR{next(self._numbers):011}"
            self._grants[day, offload_type] = _Grant(key, expires_at)

    def link(self, day: date, offload_type: str, *, path: str, base_url: str) -> Link | None:
        """The last one made, also when it has expired; None before there is any."""
        grant = self._grants.get((day, offload_type))
        if grant is None:
            return None
        expires = str(int(grant.expires_at.timestamp()))
        whole = self.folder + path
        signed = {
            KEY: grant.key,
            SIGNATURE: self._signature("GET", whole, grant.key, expires),
            EXPIRES: expires,
        }
        moment = grant.expires_at.astimezone(UTC)
        return {
            "url": f"{base_url}{whole}?{urlencode(signed)}",
            "expires_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        }

    def check(self, method: str, path: str, query: Mapping[str, str]) -> None:
        """Raises Refused unless this very request was signed and is in time."""
        key, expires = query.get(KEY, ""), query.get(EXPIRES, "")
        given = query.get(SIGNATURE, "")
        if not (key and expires and given):
            raise Refused("AccessDenied", "Access Denied")
        if not hmac.compare_digest(
            self._signature(method, path, key, expires).encode(), given.encode()
        ):
            raise Refused("SignatureDoesNotMatch", "The request signature does not match")
        if key in self._revoked or self._now().timestamp() >= int(expires):
            raise Refused("AccessDenied", "Request has expired")

    def revoke(self, query: Mapping[str, str]) -> None:
        self._revoked.add(query[KEY])

    def _signature(self, *signed: str) -> str:
        return hmac.new(self._secret, "\n".join(signed).encode(), hashlib.sha256).hexdigest()
