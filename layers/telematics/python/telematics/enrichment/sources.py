"""Where details come from: what a provider must be able to do, and how to reach the one meant."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS
from telematics.enrichment.envelope import Entry
from telematics.errors import ProviderBusy
from telematics.settings import settings

Wanted: TypeAlias = str  # the natural key of a thing whose details are wanted


class Fate(StrEnum):
    """What became of something that was asked for, unless it is there or was refused."""

    UNKNOWN = "unknown"  # the provider does not know it, perhaps not yet
    INCOMPLETE = "incomplete"  # a part of it is missing, perhaps only for now
    BUSY = "busy"  # the provider had no time for it


@dataclass(frozen=True)
class Details:
    """What came of a question about several things.

    What is neither `later` nor `refused` (for the reason given) is in the entries. `busy` is why
    some of it was not answered at all.
    """

    entries: Sequence[Entry] = field(default=(), repr=False)
    later: Mapping[Wanted, Fate] = field(default_factory=dict, repr=False)
    refused: Mapping[Wanted, str] = field(default_factory=dict, repr=False)
    busy: ProviderBusy | None = None


@dataclass(frozen=True)
class Listed:
    """A thing as the provider lists it; `digest` is that of the same thing in the lake."""

    key: Wanted
    digest: str
    body: bytes = field(repr=False)


class _Source(Protocol):
    """`most` is how many things it is asked about at once. Raises ProviderError if nothing came."""

    @property
    def most(self) -> int: ...


class NotifiedSource(_Source, Protocol):
    """The details of what a notification tells of."""

    def wanted(self, dataset: str, body: bytes) -> list[Wanted | None]: ...
    def details(self, wanted: Sequence[Wanted], *, now: datetime) -> Details: ...


class ListedSource(_Source, Protocol):
    """What there is of a person, and its details."""

    def listing(self, person: str, *, first: datetime, last: datetime) -> Sequence[Listed]: ...
    def of_listed(self, listed: Sequence[Listed], *, now: datetime) -> Details: ...


class DetailSource(NotifiedSource, ListedSource, Protocol):
    """What a provider with details does."""


class _Module(Protocol):
    """`providers/<name>/details.py`."""

    DATASET: str  # the details, as a raw dataset and as a dataset of the lake
    NOTIFIED: str  # the dataset of the lake with what was only told

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> DetailSource: ...


def source(name: str) -> DetailSource:
    """The provider's details, with the secret of the stack that this function belongs to."""
    fields = secrets.deployed().read(settings().secret_arn, PROVIDERS[name])
    return _module(name).connect(fields, base_url=settings().provider_base_url)


def datasets(name: str) -> tuple[str, str]:
    """The details of a provider, as they are called in raw and in the lake, and what it told."""
    module = _module(name)
    return module.DATASET, module.NOTIFIED


def _module(name: str) -> _Module:
    return cast(_Module, importlib.import_module(f"telematics.providers.{name}.details"))
