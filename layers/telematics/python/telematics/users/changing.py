"""Changes of a user: here first, then in the log, on the bus and at the providers.

Each may be asked for again, and is then told again to whoever was not reached. What a call began
and did not end (a provider, the log, the bus) is made up for by the same call.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from telematics import events, http, tasks
from telematics.catalog import PROVIDERS
from telematics.errors import InvalidRequest
from telematics.events import (
    Bus,
    UserBlocked,
    UserChanged,
    UserErasureRequested,
    UserRegistered,
    UserUnblocked,
)
from telematics.people import Identity
from telematics.requesting import Conflict
from telematics.tasks import Tasks
from telematics.users import directory, log
from telematics.users.directory import Directory
from telematics.users.log import AccessLog, Entry
from telematics.users.telling import Outcomes, Telling, calls_of
from telematics.users.user import (
    AlreadyRegistered,
    IllegalTransition,
    Status,
    UnknownUser,
    User,
    UserGone,
    parts,
)

# What a link says where the provider calls them as we do, or will say itself how it calls them.
Wanted = Mapping[str, str | None]
_STATUS_ACTIONS = ("block", "unblock")
KEY_DIGITS = 32


@dataclass(frozen=True)
class Call:
    """Who asks, as a role, and why; `key` is their idempotency key and `spelt` what it is for."""

    by: str
    reason: str = ""
    request_id: str = ""
    key: str = ""
    spelt: str = ""


@dataclass(frozen=True)
class Changed:
    """The user as they are now, and which provider knows of it."""

    user: User
    told: Outcomes


@dataclass(frozen=True)
class Exported:
    """`identities` are all by which something may be held of them, ours among them."""

    user: User
    identities: tuple[Identity, ...]
    at: datetime


@dataclass(frozen=True)
class Changing:
    """Everything that a change touches."""

    directory: Directory
    log: AccessLog
    tasks: Tasks
    bus: Bus
    telling: Telling
    now: Callable[[], datetime] = http.utc_now

    def existing(self, user_id: str) -> User:
        """Raises UnknownUser, UserGone."""
        if (user := self.directory.get(user_id)) is not None:
            return user
        if self.directory.tombstone(user_id):
            raise UserGone("the user is erased")
        raise UnknownUser("nobody is registered under that id")

    def entries(self, user_id: str) -> list[Entry]:
        """Of the access log; also of somebody who is erased."""
        return self.log.read(self._subject(user_id))

    def add(self, user_id: str, links: Wanted, call: Call) -> Changed:
        """Raises Conflict, AlreadyRegistered, LinkTaken, UserGone, InvalidRequest."""
        self._claim(call)
        known = _known(user_id, links)
        try:
            user = self.directory.add(user_id, known, now=self.now())
        except AlreadyRegistered:
            user = self._added_before(user_id, known, call)
        told = self.telling.register(user, links) if user.status is Status.ACTIVE else {}
        self._write("add", user, call, told)
        self._tell(UserRegistered, user)
        return Changed(user, told)

    def link(self, user_id: str, provider: str, wanted: str | None, call: Call) -> Changed:
        """Again is nothing new, but for new credentials."""
        self._claim(call)
        known = _known(user_id, {provider: wanted})
        user = self.existing(user_id)
        if user.is_leaving:
            raise UserGone("the user is being erased")
        for name in known.values():
            user = self.directory.link(user_id, provider, name)
        if user.status is Status.ACTIVE:
            told = self.telling.register(user, [provider])
        else:
            told = self.telling.block(user, blocked=True, providers=known)
        self._write("link", user, call, told)
        return Changed(user, told)

    def unlink(self, user_id: str, provider: str, call: Call) -> Changed:
        self._claim(call)
        user = self.directory.unlink(user_id, provider)
        self._write("unlink", user, call, {})
        return Changed(user, {})

    def block(self, user_id: str, call: Call) -> Changed:
        return self._turn(user_id, Status.BLOCKED, "block", UserBlocked, call)

    def unblock(self, user_id: str, call: Call) -> Changed:
        return self._turn(user_id, Status.ACTIVE, "unblock", UserUnblocked, call)

    def erase(self, user_id: str, call: Call) -> Changed:
        """It begins; whoever erases tells the providers."""
        self._claim(call)
        user = self.directory.erase(user_id, now=self.now())
        self._write("erase", user, call, {})
        self._tell(UserErasureRequested, user)
        return Changed(user, {})

    def export(self, user_id: str, call: Call) -> Exported:
        """Notes that somebody is given all that is held of them. Raises UserGone, UnknownUser."""
        self._claim(call)
        user = self.existing(user_id)
        if user.is_leaving:
            raise UserGone("the user is being erased")
        at = self.now()
        self._write("exported", user, call, {})
        return Exported(user, tuple(self._identities(user)), at)

    def _identities(self, user: User) -> Iterator[Identity]:
        """With names that they had, as long as nobody else has them."""
        yield from (Identity(*one) for one in user.identities)
        for name in user.former:
            former = Identity(*parts(name))
            with suppress(UserGone):
                if self.directory.owner(former.provider, former.id) is None:
                    yield former

    def _turn(
        self, user_id: str, status: Status, action: str, event: type[UserChanged], call: Call
    ) -> Changed:
        self._claim(call)
        turn = self.directory.block if status is Status.BLOCKED else self.directory.unblock
        try:
            user = turn(user_id, now=self.now())
        except IllegalTransition:
            user = self._turned_before(user_id, status, action)
        told = self.telling.block(user, blocked=status is Status.BLOCKED)
        self._write(action, user, call, told)
        self._tell(event, user)
        return Changed(user, told)

    def _turned_before(self, user_id: str, status: Status, action: str) -> User:
        """Where this is what was done last, it is said again. Raises IllegalTransition."""
        user = self.directory.get(user_id)
        done = [one.action for one in self.entries(user_id) if one.action in _STATUS_ACTIONS]
        if user is None or user.status is not status or done[-1:] != [action]:
            was = user.status if user else Status.ERASED
            raise IllegalTransition(f"no user goes from {was} to {status}")
        return user

    def _added_before(self, user_id: str, links: Mapping[str, str], call: Call) -> User:
        """By this very call. Raises AlreadyRegistered."""
        user = self.directory.get(user_id)
        adds = [one for one in self.entries(user_id) if one.action == "add"]
        is_ours = bool(call.key) and all(one.request_id == self._id(call) for one in adds)
        if user is None or not is_ours or not links.items() <= user.links.items():
            raise AlreadyRegistered("somebody is registered under that id")
        return user

    def _claim(self, call: Call) -> None:
        """A key may name somebody, as does what it stands for: keyed hashes of both are kept."""
        spelt = self.directory.identities.of("call", call.spelt)
        if call.key and not self.tasks.keyed(self._id(call), spelt, now=self.now()):
            raise Conflict("the idempotency key was used for another request")

    def _id(self, call: Call) -> str:
        """The same for the same call, where it has a key."""
        if not call.key:
            return call.request_id
        return f"key-{self.directory.identities.of('key', call.key)[:KEY_DIGITS]}"

    def _write(self, action: str, user: User, call: Call, told: Outcomes) -> None:
        result = [str(user.status), *(f"{name}: {one.told}" for name, one in told.items())]
        self.log.write(
            self._subject(user.user_id),
            action=action,
            by=call.by,
            reason=call.reason,
            now=self.now(),
            result=", ".join(result),
            request_id=self._id(call),
        )

    def _tell(self, event: type[UserChanged], user: User) -> None:
        subject = self._subject(user.user_id)
        self.bus.put(event(subject=subject, status=user.status, at=user.since))

    def _subject(self, user_id: str) -> str:
        return self.directory.identities.ours(user_id)


def _known(user_id: str, links: Wanted) -> dict[str, str]:
    """Those links whose names are known by now. Raises InvalidRequest."""
    known: dict[str, str] = {}
    for provider, name in links.items():
        calls = calls_of(provider)
        if name is None and provider in PROVIDERS and not calls.registers:
            raise InvalidRequest(f"a link to {provider} needs what {provider} calls them")
        if name is None and calls.calls_them_as_we_do:
            name = user_id
        if name is not None or provider not in PROVIDERS:
            known[provider] = name or ""
    return known


def deployed() -> Changing:
    return Changing(
        directory.deployed(), log.deployed(), tasks.deployed(), events.deployed(), Telling()
    )
