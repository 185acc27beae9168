"""Where events come from: what a provider must be able to do, and how to reach the one meant."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import secrets
from telematics.catalog import PROVIDERS
from telematics.clips.devices import Drive
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.raw import Zone
from telematics.settings import settings


@dataclass(frozen=True)
class Told:
    """An event as a list has it. `digest` is of all that the list tells of it, links aside.

    `about` is what is kept beside answers that don't say themselves which event they are about.
    """

    id: str
    day: date
    digest: str
    about: str = field(repr=False)
    severity: int = 0
    is_uploading: bool = False
    is_expired: bool = False
    drive: Drive | None = field(default=None, repr=False)

    @property
    def person(self) -> str:
        """Whose event it is; empty where that is not told."""
        return self.drive.person if self.drive else ""


@dataclass(frozen=True)
class Page:
    """A part of a list. `unknown` counts what it tells of that has no name or no day."""

    entry: Entry = field(repr=False)
    events: tuple[Told, ...]
    unknown: int = 0


class Kind(StrEnum):
    """What a file holds."""

    VIDEO = "video"
    SNAPSHOT = "snapshot"
    TRACK = "track"


@dataclass(frozen=True)
class File:
    """A file of an event. `size` is in bytes, where the provider tells it."""

    kind: Kind
    name: str
    link: str = field(repr=False)
    size: int | None = None


@dataclass(frozen=True)
class Look:
    """What an event is by now. `refused`: why not all of it was answered.

    `videos` is how many there are to be altogether; those that are `is_uploading` are still to
    come, unless the event `is_expired`.
    """

    about: str = field(repr=False)
    entries: Sequence[Entry] = field(default=(), repr=False)
    files: Sequence[File] = ()
    severity: int = 0
    videos: int = 0
    is_uploading: bool = False
    is_expired: bool = False
    refused: str = ""
    person: str = field(default="", repr=False)


@dataclass(frozen=True)
class Batch:
    """Answers that make one object in raw."""

    dataset: str
    day: date
    identity: str
    entries: Sequence[Entry] = field(repr=False)

    def store(self, zone: Zone, provider: str) -> None:
        envelope.store(
            zone,
            provider=provider,
            dataset=self.dataset,
            day=self.day,
            identity=self.identity,
            entries=self.entries,
        )


class EventSource(Protocol):
    """Raises ProviderBusy, and but for `look` ProviderRefused. Several threads may `look`."""

    def listed(self, first: datetime, last: datetime, *, now: datetime) -> Sequence[Page]: ...
    def look(self, event: str, told: Told | None, *, now: datetime) -> Look: ...
    def track(self, content: bytes, about: str, *, now: datetime) -> Entry: ...
    def report(self, day: date, *, now: datetime) -> Batch: ...
    def uploads(self, *, now: datetime) -> Iterator[Batch]: ...


class Module(Protocol):
    """`providers/<name>/sync.py`."""

    EVENTS: str  # the raw dataset of lists, and of each event
    TRACKS: str  # the raw dataset of tracks

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> EventSource: ...


def source(name: str) -> EventSource:
    """The provider's events, with the secret of the stack that this function belongs to."""
    fields = secrets.deployed().read(settings().secret_arn, PROVIDERS[name])
    return module(name).connect(fields, base_url=settings().provider_base_url)


def module(name: str) -> Module:
    return cast(Module, importlib.import_module(f"telematics.providers.{name}.sync"))
