"""Whom a request is about: somebody the provider knows, and whose data we may keep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from telematics.errors import TelematicsError, UserBlocked
from telematics.users import directory
from telematics.users.user import Status, UnknownUser, UserGone

if TYPE_CHECKING:
    from telematics.users.user import User


class NotLinked(TelematicsError):
    """The provider knows nobody by that name: the user is to be linked first."""


class People(Protocol):
    """What we ask of the directory."""

    def get(self, user_id: str) -> "User | None": ...

    def owner(self, provider: str, provider_user_id: str) -> "User | None": ...

    def tombstone(self, user_id: str) -> object | None: ...


@dataclass(frozen=True)
class Driver:
    """`user_id` is as we call them, `provider_user_id` as the provider does."""

    user_id: str
    provider_user_id: str


@dataclass(frozen=True)
class Drivers:
    """Raises UnknownUser, UserGone, UserBlocked, NotLinked."""

    people: People

    def find(self, provider: str, user_id: str) -> Driver:
        """By our own name; else by the provider's, if somebody is linked to it."""
        user = self.people.get(user_id)
        if user is None and self.people.tombstone(user_id):
            raise UserGone("the user is erased")
        if user is None:
            user = self.people.owner(provider, user_id)
        if user is None:
            raise UnknownUser("nobody is registered under that id, or linked to it")
        return _usable(user, provider)

    def of(self, provider: str, provider_user_id: str) -> Driver | None:
        """Whose the provider's name is; None where nobody's."""
        user = self.people.owner(provider, provider_user_id)
        return _usable(user, provider) if user else None


def _usable(user: "User", provider: str) -> Driver:
    if user.status is Status.BLOCKED:
        raise UserBlocked("the user is blocked")
    if user.status is not Status.ACTIVE:
        raise UserGone("the user is being erased")
    if provider not in user.links:
        raise NotLinked(f"the user is not linked to {provider}")
    return Driver(user.user_id, user.links[provider])


def deployed() -> Drivers:
    return Drivers(directory.deployed())
