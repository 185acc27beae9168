"""A user: our id, what providers call them, and whether their data may be kept.

    active <-> blocked -> erasing -> erased
       \\__________________^

An erased user is not there any more: only a tombstone, from which nobody learns who they were.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from telematics import catalog
from telematics.errors import InvalidRequest, TelematicsError
from telematics.identities import OURS
from telematics.moments import stamp

MOST_CHARACTERS = 100


class Status(StrEnum):
    """Whether we keep somebody's data."""

    ACTIVE = "active"
    BLOCKED = "blocked"  # what comes is dropped; what is there stays
    ERASING = "erasing"  # what comes is dropped; what is there is being removed
    ERASED = "erased"


LEGAL: Mapping[Status, frozenset[Status]] = {
    Status.ACTIVE: frozenset({Status.BLOCKED, Status.ERASING}),
    Status.BLOCKED: frozenset({Status.ACTIVE, Status.ERASING}),
    Status.ERASING: frozenset({Status.ERASED}),
    Status.ERASED: frozenset(),
}


class UnknownUser(TelematicsError):
    """Nobody was registered under that id."""


class AlreadyRegistered(TelematicsError):
    """Somebody is registered under that id."""


class IllegalTransition(TelematicsError):
    """What was asked for can't be done with a user of that status."""


class LinkTaken(TelematicsError):
    """What the provider calls them is linked to somebody else."""


class AlreadyLinked(TelematicsError):
    """The user is linked to another identity of that provider: unlink that first."""


class UnknownLink(TelematicsError):
    """The user is not linked to that provider."""


class UserGone(TelematicsError):
    """The user is being erased, or was: they don't come back."""


@dataclass(frozen=True)
class User:
    """`since` is when the status began; `revision` counts the changes.

    `former` are names, as `<provider>/<id>`, that they had until they were unlinked. `claimed` are
    those that are theirs again while they are being erased, since nobody else has them. A pass of
    erasures names itself in `pass_id`.
    """

    user_id: str
    status: Status
    since: datetime
    created_at: datetime
    links: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    former: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    pass_id: str = ""

    @property
    def identities(self) -> Iterator[tuple[str, str]]:
        """Whose name for them it is, and that name: also our own."""
        yield OURS, self.user_id
        yield from self.links.items()
        yield from map(parts, self.claimed)

    @property
    def names(self) -> frozenset[str]:
        """Of all times."""
        return frozenset((*self.former, *(name_of(*one) for one in self.identities)))

    @property
    def is_leaving(self) -> bool:
        return self.status is Status.ERASING

    def turned(self, status: Status, *, now: datetime) -> Self:
        """Raises IllegalTransition."""
        if status not in LEGAL[self.status]:
            raise IllegalTransition(f"no user goes from {self.status} to {status}")
        return replace(self, status=status, since=kept(now))

    def linked(self, provider: str, provider_user_id: str) -> Self:
        """Raises UserGone and AlreadyLinked."""
        self._refuse_if_leaving()
        if self.links.get(provider, provider_user_id) != provider_user_id:
            raise AlreadyLinked(f"the user is linked to another identity of {provider}")
        again = name_of(provider, provider_user_id)
        return replace(
            self,
            links={**self.links, provider: provider_user_id},
            former=tuple(one for one in self.former if one != again),
        )

    def unlinked(self, provider: str) -> Self:
        """Raises UserGone, UnknownLink, and IllegalTransition where their data would flow again."""
        self._refuse_if_leaving()
        if provider not in self.links:
            raise UnknownLink(f"the user is not linked to {provider}")
        if self.status is not Status.ACTIVE:
            raise IllegalTransition(f"a {self.status} user keeps their links: unblock them first")
        return replace(
            self,
            links={name: one for name, one in self.links.items() if name != provider},
            former=(*self.former, name_of(provider, self.links[provider])),
        )

    def remembering(self, name: str) -> Self:
        """Among their former names, or claimed while they are being erased."""
        if name in self.names and not (self.is_leaving and name in self.former):
            return self
        if not self.is_leaving:
            return replace(self, former=(*self.former, name))
        former = tuple(one for one in self.former if one != name)
        return replace(self, former=former, claimed=(*self.claimed, name))

    def _refuse_if_leaving(self) -> None:
        if self.is_leaving:
            raise UserGone("the user is being erased")


def new(user_id: str, *, now: datetime) -> User:
    return User(user_id, Status.ACTIVE, since=kept(now), created_at=kept(now), revision=1)


def name_of(provider: str, provider_user_id: str) -> str:
    return f"{provider}/{provider_user_id}"


def parts(name: str) -> tuple[str, str]:
    """No provider's own name has a slash."""
    provider, _, provider_user_id = name.partition("/")
    return provider, provider_user_id


def kept(moment: datetime) -> datetime:
    """As it is read again: with three digits."""
    return datetime.fromisoformat(stamp(moment))


def is_usable(id: str) -> bool:
    """As an id, be it ours or a provider's."""
    return (
        0 < len(id) <= MOST_CHARACTERS and ":" not in id and id.isprintable() and id == id.strip()
    )


def check_id(id: str) -> None:
    """Raises InvalidRequest."""
    if not is_usable(id):
        raise InvalidRequest(
            f"an id has 1 to {MOST_CHARACTERS} printable characters, none of them a colon,"
            " and no blank at its ends"
        )


def check_link(provider: str, provider_user_id: str) -> None:
    """Raises InvalidRequest."""
    if provider not in catalog.PROVIDERS:
        raise InvalidRequest(f"a provider is one of {', '.join(catalog.PROVIDERS)}")
    check_id(provider_user_id)
