"""Who is known, what providers call them, and whether their data may be kept.

A user and their identities are several items, which change together or not at all: each identity
has one owner and the owner's status, always. Whoever was overtaken reads and decides again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import boto3

from telematics import identities
from telematics.errors import Busy, InvalidRequest
from telematics.identities import OURS, Identities
from telematics.settings import settings
from telematics.transactions import Transaction
from telematics.users import listing
from telematics.users.items import (
    Identity,
    Item,
    Tombstone,
    is_buried,
    tombstone_of,
    user_item,
    user_of,
)
from telematics.users.listing import Page
from telematics.users.user import (
    AlreadyRegistered,
    IllegalTransition,
    LinkTaken,
    Status,
    UnknownUser,
    User,
    UserGone,
    check_id,
    check_link,
    is_usable,
    name_of,
    new,
    parts,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ATTEMPTS = 10
KEY = "user_id"


@dataclass(frozen=True)
class Directory:
    """What changes a user returns them as they are then; an id that can't be one is refused."""

    table: "Table"
    identities: Identities

    def get(self, user_id: str) -> User | None:
        """None: never registered, or erased."""
        item = self._item(user_id) if is_usable(user_id) else None
        return user_of(item) if item else None

    def known(self, user_id: str) -> User:
        """As `get`. Raises UserGone, UnknownUser."""
        if (user := self.get(user_id)) is not None:
            return user
        if self.tombstone(user_id):
            raise UserGone("the user is erased")
        raise UnknownUser("nobody is registered under that id")

    def owner(self, provider: str, provider_user_id: str) -> User | None:
        """Whose identity it is; None: nobody linked it. Raises UserGone where they were erased."""
        for _ in range(ATTEMPTS):
            item = self._item(self._identity(provider, provider_user_id).place)
            if item is None:
                return None
            if is_buried(item):
                raise UserGone("whoever that was is erased")
            user = self.get(str(item["owner"]))
            # Otherwise it was erased, or given to somebody else, between the two reads.
            if user and (provider, provider_user_id) in user.identities:
                return user
        raise _overtaken()

    def tombstone(self, user_id: str) -> Tombstone | None:
        """None: never erased."""
        item = self._item(self._identity(OURS, user_id).place)
        return tombstone_of(item) if item and is_buried(item) else None

    def add(self, user_id: str, links: Mapping[str, str] | None = None, *, now: datetime) -> User:
        """Raises AlreadyRegistered, LinkTaken, UserGone."""
        check_id(user_id)
        user = new(user_id, now=now)
        for provider, provider_user_id in (links or {}).items():
            check_link(provider, provider_user_id)
            user = user.linked(provider, provider_user_id)
        for _ in range(ATTEMPTS):
            self._refuse_known(user)
            if self._write(None, user):
                return user
        raise _overtaken()

    def link(self, user_id: str, provider: str, provider_user_id: str) -> User:
        """Again is nothing new. Raises LinkTaken, AlreadyLinked, UnknownUser, UserGone."""
        check_link(provider, provider_user_id)

        def linked(user: User) -> User:
            self._refuse_taken(user, provider, provider_user_id)
            return user.linked(provider, provider_user_id)

        return self._change(user_id, linked)

    def unlink(self, user_id: str, provider: str) -> User:
        """Raises UnknownLink, IllegalTransition, UnknownUser, UserGone."""
        return self._change(user_id, lambda user: user.unlinked(provider))

    def block(self, user_id: str, *, now: datetime) -> User:
        """Raises IllegalTransition, UnknownUser, UserGone; so do the following."""
        return self._change(user_id, lambda user: user.turned(Status.BLOCKED, now=now))

    def unblock(self, user_id: str, *, now: datetime) -> User:
        return self._change(user_id, lambda user: user.turned(Status.ACTIVE, now=now))

    def erase(self, user_id: str, *, now: datetime) -> User:
        """Has it begin; again is nothing new."""
        return self._claimed(
            self._change(
                user_id,
                lambda user: user if user.is_leaving else user.turned(Status.ERASING, now=now),
            )
        )

    def enlist(self, user_id: str, pass_id: str) -> User:
        """In a pass of erasures."""

        def enlisted(user: User) -> User:
            if not user.is_leaving:
                raise IllegalTransition("only a user who is being erased is enlisted for that")
            return replace(user, pass_id=pass_id)

        return self._claimed(self._change(user_id, enlisted))

    def remember(self, user_id: str, provider: str, provider_user_id: str) -> bool:
        """That they were called so as well; whether that is new. Raises LinkTaken, UserGone.

        Of whoever is being erased no data comes in under that name from now on.
        """
        name, is_new = name_of(provider, provider_user_id), False

        def remembered(user: User) -> User:
            nonlocal is_new
            self._refuse_taken(user, provider, provider_user_id)
            is_new = name not in user.names
            return user.remembering(name)

        self._change(user_id, remembered)
        return is_new

    def bury(self, user_id: str, *, erasure_id: str, now: datetime) -> Tombstone:
        """The end of an erasure: tombstones for every identity, and no user; again changes nothing.

        Raises IllegalTransition where no erasure has begun, and UnknownUser.
        """
        if not erasure_id:
            raise InvalidRequest("an erasure has an id")
        for _ in range(ATTEMPTS):
            if (user := self.get(user_id)) is None:
                return self._buried(user_id)
            user.turned(Status.ERASED, now=now)
            user = self._claimed(user)
            # There may be more of these than a transaction takes; each is buried by itself.
            claimed = [self._identity(*parts(name)) for name in user.claimed]
            if not all(self._is_laid(one, now) for one in claimed):
                continue
            transaction = Transaction(self.table, KEY)
            transaction.delete(user.user_id, "revision", user.revision)
            for one in self._identities(replace(user, claimed=())):
                id = erasure_id if one.provider == OURS else ""
                transaction.replace(one.tombstone(now=now, erasure_id=id), "owner", user_id)
            transaction.commit()
        raise _overtaken()

    def list(
        self, status: Status | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Those of that status, or all, by status; the erased are nobody any more."""
        return listing.page(self.table, status, cursor, limit)

    def erasing(self) -> Iterator[User]:
        """All whose erasure has begun and not ended; who began just now may be missing."""
        return listing.everybody(self.table, Status.ERASING)

    def counts(self) -> Mapping[Status, int]:
        """How many there are of each status, the erased included."""
        return listing.counts(self.table)

    def _change(self, user_id: str, step: Callable[[User], User]) -> User:
        """`step` may be called again, if somebody else was faster."""
        check_id(user_id)
        for _ in range(ATTEMPTS):
            user = self.known(user_id)
            wanted = step(user)
            if wanted == user:
                return user
            wanted = replace(wanted, revision=user.revision + 1)
            if self._write(user, wanted):
                return wanted
        raise _overtaken()

    def _write(self, before: User | None, after: User) -> bool:
        """Whether nobody was faster; the identities follow."""
        transaction = Transaction(self.table, KEY)
        if before is None:
            transaction.create(user_item(after))
        else:
            transaction.replace(user_item(after), "revision", before.revision)
        were = set(self._identities(before)) if before else set()
        are = set(self._identities(after))
        for one in are - were:
            transaction.create(one.item(after))
        for one in were - are:
            transaction.delete(one.place, "owner", after.user_id)
        if before and before.status is not after.status:
            for one in were & are:
                transaction.replace(one.item(after), "owner", after.user_id)
        return transaction.commit()

    def _is_laid(self, one: Identity, now: datetime) -> bool:
        """A tombstone, now or before."""
        item = self._item(one.place)
        if item is None or is_buried(item):
            return True
        transaction = Transaction(self.table, KEY)
        transaction.replace(one.tombstone(now=now), "owner", item["owner"])
        return transaction.commit()

    def _buried(self, user_id: str) -> Tombstone:
        if (tombstone := self.tombstone(user_id)) is not None:
            return tombstone
        raise UnknownUser("nobody is registered under that id")

    def _refuse_known(self, user: User) -> None:
        if (known := self._item(self._identity(OURS, user.user_id).place)) is not None:
            if is_buried(known):
                raise UserGone("the user is erased")
            raise AlreadyRegistered("somebody is registered under that id")
        for provider, provider_user_id in user.links.items():
            self._refuse_taken(user, provider, provider_user_id)

    def _refuse_taken(self, user: User, provider: str, provider_user_id: str) -> None:
        item = self._item(self._identity(provider, provider_user_id).place)
        if is_buried(item):
            raise UserGone(f"whoever that is at {provider} is erased")
        if item is not None and item["owner"] != user.user_id:
            raise LinkTaken(f"what {provider} calls them is linked to somebody else")

    def _identity(self, provider: str, provider_user_id: str) -> Identity:
        hash = self.identities.of(provider, provider_user_id)
        return Identity(hash, provider, provider_user_id)

    def _identities(self, user: User) -> Iterator[Identity]:
        return (self._identity(provider, id) for provider, id in user.identities)

    def _claimed(self, user: User) -> User:
        """With those of their former names that are nobody's: from now on closed as the others."""
        if not (user.is_leaving and user.former):
            return user
        for name in user.former:
            with suppress(LinkTaken, UserGone):
                self.remember(user.user_id, *parts(name))
        return self.get(user.user_id) or user

    def _item(self, place: str) -> Item | None:
        return self.table.get_item(Key={KEY: place}, ConsistentRead=True).get("Item")


def _overtaken() -> Busy:
    return Busy("others keep changing the same user")


@cache
def deployed() -> Directory:
    """The users of the stack that this function belongs to."""
    table = boto3.resource("dynamodb").Table(settings().users_table)
    return Directory(table, identities.deployed())
