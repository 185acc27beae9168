"""Where offloads come from: what a provider must be able to do, and how to reach the one meant."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.errors import DamagedDownload, InvalidRequest
from telematics.raw import RawKey
from telematics.settings import settings


class FileChanged(DamagedDownload):
    """The provider replaced the file while we were reading it: start again from its first byte."""


@dataclass(frozen=True)
class ListedFile:
    """A file that can be fetched. Some providers can't tell the size of some files."""

    key: RawKey
    offload_type: str
    size: int | None


@dataclass(frozen=True)
class Listing:
    """`ignored` counts what was listed but makes no sense."""

    files: tuple[ListedFile, ...]
    ignored: int = 0


class Download(Protocol):
    """The exact bytes of a file, in pieces. `size` is what the provider says now."""

    @property
    def size(self) -> int | None: ...
    @property
    def request_id(self) -> str: ...
    def __iter__(self) -> Iterator[bytes]: ...


class OffloadSource(Protocol):
    """Raises ProviderRefused, ProviderBusy, or FileChanged between two pieces of a download."""

    def list_files(self, *, first: date, last: date) -> Listing: ...
    def open(self, file: ListedFile) -> AbstractContextManager[Download]: ...


class _Module(Protocol):
    """`providers/<name>/offloads.py`."""

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> OffloadSource: ...


def source(name: str) -> OffloadSource:
    """The provider's offloads, with the secret of the stack that this function belongs to."""
    provider = _provider(name)
    fields = secrets.deployed().read(settings().secret_arn, provider)
    return connect(name, fields, base_url=settings().provider_base_url)


def connect(name: str, fields: Mapping[str, SecretStr], *, base_url: str) -> OffloadSource:
    """With a secret at hand. Its own `base_url`, where it has one, wins over the given one."""
    module = importlib.import_module(f"telematics.providers.{_provider(name).name}.offloads")
    ours = fields["base_url"].get_secret_value() if "base_url" in fields else base_url
    return cast(_Module, module).connect(fields, base_url=ours)


def _provider(name: str) -> Provider:
    provider = PROVIDERS.get(name)
    if provider is None or not provider.fetches_offloads:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.fetches_offloads)
        raise InvalidRequest(f"{name} has no offloads; these do: {known}")
    return provider
