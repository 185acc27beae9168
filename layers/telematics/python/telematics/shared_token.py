"""An access token that all workers share, where a new one revokes the one before.

It rests in a version of the provider's own secret, beside the keys. Whoever renews it has a lease,
which the others wait for: it is an item among the tasks, and names the version.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from telematics import http
from telematics.errors import ProviderBusy, ProviderRefused
from telematics.tasks import Item, Tasks

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PREFIX = "token-"
STAGE = "ACCESS_TOKEN"  # of the version; the keys stay AWSCURRENT
LEASE = timedelta(seconds=90)  # longer than a login with all its patience
PATIENCE = timedelta(seconds=100)
REFUSED_FOR = timedelta(seconds=60)  # accounts get locked by who tries again and again
KEPT_FOR = timedelta(days=30)
LOOK_EVERY_SECONDS = 0.5


@dataclass
class SharedToken:
    """`name` tells accounts apart. Several threads may use it."""

    name: str
    secret_arn: Callable[[], str]
    client: Callable[[], "SecretsManagerClient"] = field(repr=False)
    tasks: Callable[[], Tasks] = field(repr=False)
    now: Callable[[], datetime] = http.utc_now
    sleep: Callable[[float], None] = time.sleep
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _version: str = field(default="", repr=False)
    _token: str | None = field(default=None, repr=False)

    def current(self) -> str | None:
        with self._lock:
            return self._token or self._read(self._item())

    def renewed(self, stale: str | None, login: Callable[[], str]) -> str:
        """The token that replaces `stale`, as another worker has it, or from `login`."""
        with self._lock:
            until = self.now() + PATIENCE
            while True:
                item = self._item()
                token = self._read(item)
                if token is not None and token != stale:
                    return token
                if _moment(item, "refused_until") > self._seconds():
                    raise ProviderRefused("another login was refused a moment ago")
                revision = int(item.get("revision", 0))
                is_free = _moment(item, "leased_until") <= self._seconds()
                if is_free and self._write(revision, leased_until=self._seconds(LEASE)):
                    return self._logged_in(revision + 1, login)
                if self.now() > until:
                    raise ProviderBusy("another worker is still logging in")
                self.sleep(LOOK_EVERY_SECONDS)

    def _logged_in(self, revision: int, login: Callable[[], str]) -> str:
        """What went wrong gives the lease back; a worker that dies loses it in time."""
        facts: dict[str, object] = {"leased_until": None}
        try:
            token = login()
            kept = self.client().put_secret_value(
                SecretId=self.secret_arn(), SecretString=token, VersionStages=[STAGE]
            )
            self._version, self._token = kept["VersionId"], token
            facts |= {"version": self._version, "refused_until": None}
        except ProviderRefused:
            facts |= {"refused_until": self._seconds(REFUSED_FOR)}
            raise
        finally:
            self._write(revision, **facts)
        return token

    def _read(self, item: Item) -> str | None:
        version = str(item.get("version", ""))
        if version and version != self._version:
            self._version, self._token = version, self._of(version)
        return self._token

    def _of(self, version: str) -> str | None:
        try:
            kept = self.client().get_secret_value(SecretId=self.secret_arn(), VersionId=version)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None  # it was of another secret
            raise
        return kept.get("SecretString") or None

    def _item(self) -> Item:
        return self.tasks().get(PREFIX + self.name) or {}

    def _write(self, revision: int, **facts: object) -> bool:
        kept = {**facts, "expires_at": self._seconds(KEPT_FOR)}
        return self.tasks().write(PREFIX + self.name, kept, revision=revision)

    def _seconds(self, more: timedelta = timedelta()) -> int:
        return int((self.now() + more).timestamp())


def _moment(item: Item, name: str) -> int:
    return int(item.get(name) or 0)
