"""Providers told of a person: all at once, since somebody waits, and each on its own account."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from telematics.catalog import PROVIDERS, UserCalls
from telematics.errors import InvalidRequest, MissingSetting, ProviderError
from telematics.redaction import redacted
from telematics.users import access
from telematics.users.access import Credentials, UserAccess
from telematics.users.user import User


class Told(StrEnum):
    """What became of telling a provider."""

    TOLD = "told"
    GATED_HERE = "gated_here"  # it has no call for that: what it sends is dropped here
    FAILED = "failed"  # it is to be told again


@dataclass(frozen=True)
class Outcome:
    """`reason` is there where it failed."""

    told: Told
    reason: str = ""
    credentials: Credentials = field(default_factory=dict)


Outcomes = Mapping[str, Outcome]
GATED = Outcome(Told.GATED_HERE)


@dataclass(frozen=True)
class Telling:
    """How to reach each provider, once it is to be told."""

    reach: Callable[[str], UserAccess] = access.access

    def register(self, user: User, providers: Iterable[str]) -> Outcomes:
        """Whoever needs to know them beforehand; the others are told by the person's own app."""

        def register(provider: str) -> Outcome:
            made = self.reach(provider).register(user.user_id, user.links.get(provider))
            return Outcome(Told.TOLD, credentials=made)

        return _all(register, [one for one in providers if calls_of(one).registers])

    def block(
        self, user: User, *, blocked: bool, providers: Iterable[str] | None = None
    ) -> Outcomes:
        wanted = list(user.links) if providers is None else list(providers)

        def block(provider: str) -> Outcome:
            self.reach(provider).block(user.links[provider], blocked=blocked)
            return Outcome(Told.TOLD)

        able = [one for one in wanted if calls_of(one).blocks]
        return {**dict.fromkeys(wanted, GATED), **_all(block, able)}


def calls_of(provider: str) -> UserCalls:
    return PROVIDERS[provider].users if provider in PROVIDERS else UserCalls()


def _all(tell: Callable[[str], Outcome], providers: list[str]) -> Outcomes:
    def told(provider: str) -> Outcome:
        try:
            return tell(provider)
        except (ProviderError, MissingSetting, InvalidRequest) as error:
            return Outcome(Told.FAILED, redacted(str(error)))

    if not providers:
        return {}
    with ThreadPoolExecutor(max_workers=len(providers)) as pool:
        return dict(zip(providers, pool.map(told, providers), strict=True))
