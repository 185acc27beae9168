"""How users, their identities and tombstones are spelt in the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from telematics.moments import stamp
from telematics.users.user import Status, User

Item: TypeAlias = Mapping[str, Any]  # as DynamoDB has it

BY_GATE = "by_gate"
BY_LISTED_AS = "by_listed_as"
CLOSED = "closed"  # what every identity in the index of the gate has in common
PREFIX = "identity:"  # no id has a colon, so nobody's is spelt like that


@dataclass(frozen=True)
class Identity:
    """What makes a link unique: an item under its hash, which knows whose it is and may be kept."""

    hash: str
    provider: str
    provider_user_id: str

    @property
    def place(self) -> str:
        return f"{PREFIX}{self.hash}"

    def item(self, owner: User) -> Item:
        """In the index of the gate only while the owner is not active."""
        gate = {} if owner.status is Status.ACTIVE else {"gate": CLOSED}
        return {
            "user_id": self.place,
            "owner": owner.user_id,
            "provider": self.provider,
            "provider_user_id": self.provider_user_id,
            "status": str(owner.status),
            **gate,
        }

    def tombstone(self, *, now: datetime, erasure_id: str = "") -> Item:
        """Nothing in it tells who it was; ours, which has the erasure's id, is counted."""
        counted = {"erasure_id": erasure_id, "listed_as": str(Status.ERASED)} if erasure_id else {}
        return {
            "user_id": self.place,
            "status": str(Status.ERASED),
            "gate": CLOSED,
            "erased_at": stamp(now),
            **counted,
        }


@dataclass(frozen=True)
class Tombstone:
    """What is left of a user."""

    erased_at: datetime
    erasure_id: str


def user_item(user: User) -> Item:
    """`listed_as` repeats the status, since identities have one and must not be listed."""
    optional = {
        "former": list(user.former),
        "claimed": list(user.claimed),
        "pass_id": user.pass_id,
    }
    return {
        "user_id": user.user_id,
        "status": str(user.status),
        "listed_as": str(user.status),
        "since": stamp(user.since),
        "created_at": stamp(user.created_at),
        "links": dict(user.links),
        "revision": user.revision,
        **{name: one for name, one in optional.items() if one},
    }


def user_of(item: Item) -> User:
    return User(
        user_id=str(item["user_id"]),
        status=Status(item["status"]),
        since=datetime.fromisoformat(item["since"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        links={str(provider): str(id) for provider, id in item["links"].items()},
        revision=int(item["revision"]),
        former=tuple(str(one) for one in item.get("former", ())),
        claimed=tuple(str(one) for one in item.get("claimed", ())),
        pass_id=str(item.get("pass_id", "")),
    )


def is_buried(item: Item | None) -> bool:
    return item is not None and item["status"] == Status.ERASED


def tombstone_of(item: Item) -> Tombstone:
    return Tombstone(datetime.fromisoformat(item["erased_at"]), str(item.get("erasure_id", "")))
