"""Providers are told to forget people, those that can be told; the rest is for somebody to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS
from telematics.erasure import notes, passes
from telematics.erasure.notes import Notes
from telematics.erasure.passes import Passes
from telematics.errors import NotFound, ProviderRefused
from telematics.settings import settings
from telematics.users.user import User


class Outcome(StrEnum):
    """What a provider has of somebody after it was told."""

    REVOKED = "revoked"  # nothing, any more
    REFUSED = "refused"  # somebody has to ask there
    MANUAL = "manual"  # there is no call for it


class Forgetting(Protocol):
    """Raises NotFound where nobody is known by that name, else a ProviderError."""

    def forget(self, provider_user_id: str) -> None: ...


class _Module(Protocol):
    """`providers/<name>/users.py`."""

    def forgetting(self, fields: Mapping[str, SecretStr], *, base_url: str) -> Forgetting | None:
        """None where the keys that are configured don't allow it."""


@dataclass(frozen=True)
class Revoking:
    """For one provider."""

    provider: str
    passes: Passes
    notes: Callable[[str], Notes]
    forgetting: Callable[[], Forgetting | None]

    def revoke(self, pass_id: str) -> int:
        """How many were told of. Raises ProviderBusy; who was told already is not told again."""
        notes = self.notes(pass_id)
        linked = [one for one in self.passes.users(pass_id) if self.provider in one.links]
        for user in linked:
            name = f"revoked/{self.provider}/{self.passes.subject(user)}"
            if notes.read(name) is None:
                notes.write(name, {"outcome": self._outcome(user)})
        return len(linked)

    def _outcome(self, user: User) -> Outcome:
        """Who is not known there may be so by us: who told of them did not live to note it."""
        forgetting = self.forgetting()
        if forgetting is None:
            return Outcome.MANUAL
        try:
            forgetting.forget(user.links[self.provider])
        except NotFound:
            return Outcome.REVOKED
        except ProviderRefused:
            return Outcome.REFUSED
        return Outcome.REVOKED


def by_hand(provider: str, outcome: Outcome) -> str | None:
    """What somebody has to do; None where there is nothing."""
    title = PROVIDERS[provider].title
    if outcome is Outcome.MANUAL:
        return f"ask {title} to delete what it holds: it offers no call for that, or no key for it"
    if outcome is Outcome.REFUSED:
        return f"ask {title} to delete what it holds: it refused the call for that"
    return None


@cache
def deployed() -> Revoking:
    """For the provider that this function was deployed for."""
    provider = settings().provider
    return Revoking(provider, passes.deployed(), notes.deployed, lambda: _connected(provider))


def _connected(provider: str) -> Forgetting | None:
    """With the secret of the stack that this function belongs to."""
    here = settings()
    fields = secrets.deployed().read(here.secret_arn, PROVIDERS[provider])
    module = cast(_Module, import_module(f"telematics.providers.{provider}.users"))
    return module.forgetting(fields, base_url=here.provider_base_url)
