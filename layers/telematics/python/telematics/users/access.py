"""Providers that can be told of people: to know them, and to refuse them."""

import importlib
from collections.abc import Mapping
from typing import Protocol, TypeAlias, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS
from telematics.settings import settings

Fields: TypeAlias = Mapping[str, SecretStr]
# What an app begins with: handed over once, and kept nowhere.
Credentials: TypeAlias = Mapping[str, SecretStr]


class UserAccess(Protocol):
    """Each raises ProviderError. What the catalogue says a provider can't do is never asked of it.

    `provider_user_id` is what the provider calls them: for registering, None where only it knows.
    """

    def register(self, user_id: str, provider_user_id: str | None) -> Credentials: ...

    def block(self, provider_user_id: str, *, blocked: bool) -> None: ...


class _Module(Protocol):
    """`providers/<name>/users.py`."""

    def connect(self, fields: Fields, *, base_url: str) -> UserAccess: ...


def access(name: str) -> UserAccess:
    """With the secret of the stack that this function belongs to. Raises MissingSetting."""
    here = settings().reachable[name]
    fields = secrets.deployed().read(here["secret_arn"], PROVIDERS[name])
    module = importlib.import_module(f"telematics.providers.{name}.users")
    return cast(_Module, module).connect(fields, base_url=here["base_url"])
