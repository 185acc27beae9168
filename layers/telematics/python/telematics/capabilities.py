"""Addresses that may be called once: whoever knows one may answer, and nobody else.

Each holds a token of 256 bits, of which only the digest is kept, with an expiry. Whatever is wrong
with a token is found out by the same work: one digest, one read, one comparison.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from boto3.dynamodb.conditions import Attr

from telematics import changes, tasks
from telematics.catalog import Provider
from telematics.errors import NotAuthentic
from telematics.raw import RawKey
from telematics.schemes import HANDED_OUT
from telematics.tasks import Item, Tasks

TOKEN_BYTES = 32
REPEATED_WITHIN = timedelta(days=1)
CLOSED = "closed"  # which is no body's digest
_NOBODY: Item = {"task_id": f"{HANDED_OUT}{'0' * 64}", "expires_at": 0}


@dataclass(frozen=True)
class Capability:
    """What a token stands for: an answer to `task_id`, kept under `day`."""

    place: str
    task_id: str
    day: date
    used_by: str = ""
    too_large_bytes: int = 0

    def key(self, provider: Provider, digest: str) -> RawKey:
        """Where the answer is kept."""
        dataset = provider.called_back.dataset
        return RawKey(provider.name, dataset, self.day, f"{self.task_id}-{digest}", "json")


@dataclass(frozen=True)
class Capabilities:
    """Items among the tasks, by the digest of their token."""

    tasks: Tasks

    def mint(
        self,
        task_id: str,
        *,
        day: date,
        until: datetime,
        random: Callable[[int], str] = secrets.token_urlsafe,
    ) -> tuple[str, str]:
        """The token, which exists nowhere else, and its place."""
        token = random(TOKEN_BYTES)
        place = place_of(token)
        facts = {"for": task_id, "day": day.isoformat(), "expires_at": _seconds(until)}
        if not self.tasks.write(place, facts, revision=0):
            raise NotAuthentic("a token was made twice: there is no chance in it")
        return token, place

    def find(self, token: str, digest: str, *, now: datetime) -> Capability:
        """Raises NotAuthentic: unknown, expired, and used for another body are all alike."""
        wanted = place_of(token)
        item = self.tasks.get(wanted) or _NOBODY
        is_known = hmac.compare_digest(str(item["task_id"]).encode(), wanted.encode())
        is_live = int(item["expires_at"]) > _seconds(now)
        is_ours = hmac.compare_digest(str(item.get("used_by") or digest), digest)
        if not (is_known & is_live & is_ours):
            raise NotAuthentic("no token of ours, or no longer")
        return _capability(item)

    def use(self, one: Capability, digest: str, *, now: datetime) -> bool:
        """Whether it is this body's. Used once, only a repeat of the same counts, for a day."""
        until = now.astimezone(UTC) + REPEATED_WITHIN
        facts = {"used_by": digest, "used_at": _seconds(now), "expires_at": _seconds(until)}
        is_free = Attr("used_by").not_exists() & Attr("expires_at").gt(_seconds(now))
        if one.used_by == digest or self._changed(one.place, facts, is_free):
            return True
        return (self.tasks.get(one.place) or {}).get("used_by") == digest

    def mark_too_large(self, one: Capability, size: int) -> None:
        """An answer came that could not be taken; a smaller one still may."""
        self._changed(one.place, {"too_large_bytes": size}, Attr("used_by").not_exists())

    def release(self, one: Capability, digest: str) -> None:
        """Its use came to nothing, through us: whoever comes again may use it."""
        change = changes.Change()
        change.drop(["used_by", "used_at"])
        changes.made(self.tasks.table, {"task_id": one.place}, change, Attr("used_by").eq(digest))

    def look(self, place: str) -> Capability | None:
        item = self.tasks.get(place)
        return _capability(item) if item else None

    def close(self, place: str) -> Capability | None:
        """From now on nobody may call it; if somebody was faster, whose body that was."""
        unused = Attr("used_by").not_exists() & Attr("task_id").exists()
        self._changed(place, {"used_by": CLOSED}, unused)
        return self.look(place)

    # Any: a condition of boto3's, in parts or joined
    def _changed(self, place: str, facts: Item, condition: Any) -> bool:
        change = changes.Change()
        change.write(facts, {})
        return changes.made(self.tasks.table, {"task_id": place}, change, condition)


def place_of(token: str) -> str:
    return f"{HANDED_OUT}{tasks.digest_of(token)}"


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def answer_of(key: RawKey) -> tuple[str, str]:
    """The task that an object in raw is an answer to, and the digest of its bytes."""
    task_id, _, digest = key.identity.rpartition("-")
    return task_id, digest


def _capability(item: Item) -> Capability:
    used_by = str(item.get("used_by") or "")
    return Capability(
        place=str(item["task_id"]),
        task_id=str(item["for"]),
        day=date.fromisoformat(str(item["day"])),
        used_by="" if used_by == CLOSED else used_by,
        too_large_bytes=int(item.get("too_large_bytes") or 0),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@cache
def deployed() -> Capabilities:
    """Those of the stack that this function belongs to."""
    return Capabilities(tasks.deployed())
