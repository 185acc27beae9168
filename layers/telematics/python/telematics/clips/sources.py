"""Where footage comes from: what a provider must be able to do, and how to reach the one meant."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeAlias, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.clips.clip import Clip
from telematics.errors import InvalidRequest
from telematics.settings import settings

Fields: TypeAlias = Mapping[str, SecretStr]


class Fate(StrEnum):
    """How a request stands with the provider."""

    PENDING = "pending"
    COMPLETE = "complete"  # all of it is there
    PARTIAL = "partial"  # some is there, and no more will come of this request
    BUSY = "busy"  # nothing came, but asking again may help
    GONE = "gone"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True)
class Video:
    """One that is there; its link is a key, and good for a short while."""

    camera: str
    file_name: str
    url: SecretStr
    bytes: int | None = None


@dataclass(frozen=True)
class Progress:
    """`has_begun`: the device has answered. `cameras` says how far each is, in words.

    `missing` says why of each camera that was wanted and is not there.
    """

    fate: Fate
    has_begun: bool
    reason: str = ""
    cameras: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    videos: Sequence[Video] = ()


class ClipSource(Protocol):
    """Raises ProviderError, or InvalidRequest where the provider can't even be asked that."""

    def ask(self, clip: Clip) -> str:
        """The id of the provider's task. ProviderBusy may mean that it was taken all the same."""
        ...

    def progress(self, clip: Clip) -> Progress: ...


class _Module(Protocol):
    """`providers/<name>/clips.py`."""

    DATASET: str  # our own records of requests that are over, as a raw dataset

    def connect(self, fields: Fields, *, base_url: str) -> ClipSource: ...
    def custody_bytes(self, clip: Clip) -> bytes: ...
    def told_task(self, body: bytes) -> str:
        """The provider's task that a delivery of its webhooks tells of; empty if none."""
        ...


def source(name: str) -> ClipSource:
    """The provider's footage, with the secret of the stack that this function belongs to."""
    fields = secrets.deployed().read(settings().secret_arn, provider(name))
    told = tuple((field, fields[field]) for field in sorted(fields))
    return _connected(name, settings().provider_base_url, told)


def module(name: str) -> _Module:
    found = importlib.import_module(f"telematics.providers.{provider(name).name}.clips")
    return cast(_Module, found)


def provider(name: str) -> Provider:
    found = PROVIDERS.get(name)
    if found is None or not found.clips:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.clips)
        raise InvalidRequest(f"{name} has no clips; these do: {known}")
    return found


@lru_cache(maxsize=1)
def _connected(name: str, base_url: str, told: tuple[tuple[str, SecretStr], ...]) -> ClipSource:
    """The same while the secret is: whoever is logged in need not log in again."""
    return module(name).connect(dict(told), base_url=base_url)
