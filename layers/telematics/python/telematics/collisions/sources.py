"""Who knows of collisions: what a provider must be able to do, and how to reach the one meant."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, TypeAlias, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.errors import InvalidRequest
from telematics.settings import settings

Fields: TypeAlias = Mapping[str, SecretStr]


@dataclass(frozen=True)
class Question:
    """`answer_to` is the address at which the provider is to answer; it is a key."""

    driver: str
    day: date
    answer_to: SecretStr
    at: datetime | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True)
class Noticed:
    """A collision that the provider tells of by itself."""

    driver: str
    collision: str
    at: datetime


class CollisionSource(Protocol):
    """Raises ProviderError, or InvalidRequest where the provider can't even be asked that."""

    def ask(self, question: Question) -> None:
        """Returns once it is taken. ProviderBusy may mean that it was taken all the same."""
        ...


class _Module(Protocol):
    """`providers/<name>/collisions.py`."""

    def connect(self, fields: Fields, *, base_url: str) -> CollisionSource: ...

    def noticed(self, body: bytes) -> Noticed | None:
        """None for a notification of anything else. Raises MalformedPayload."""
        ...


def source(name: str) -> CollisionSource:
    """The provider, with the secret of the stack that this function belongs to."""
    fields = secrets.deployed().read(settings().secret_arn, provider(name))
    told = tuple((field, fields[field]) for field in sorted(fields))
    return _connected(name, settings().provider_base_url, told)


def module(name: str) -> _Module:
    found = importlib.import_module(f"telematics.providers.{provider(name).name}.collisions")
    return cast(_Module, found)


def provider(name: str) -> Provider:
    found = PROVIDERS.get(name)
    if found is None or not found.collisions:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.collisions)
        raise InvalidRequest(f"{name} knows no details of collisions; these do: {known}")
    return found


@lru_cache(maxsize=1)
def _connected(
    name: str, base_url: str, told: tuple[tuple[str, SecretStr], ...]
) -> CollisionSource:
    return module(name).connect(dict(told), base_url=base_url)
