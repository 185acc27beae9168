"""One thing of one person, asked of its provider by somebody who names it, and kept in raw."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import http, raw, secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.collisions import drivers
from telematics.collisions.drivers import Driver
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.errors import InvalidRequest
from telematics.raw import RawKey, Zone
from telematics.settings import settings
from telematics.users.user import UnknownUser


@dataclass(frozen=True)
class Found:
    """An answer, what it is about as envelopes name that, and where such answers are kept."""

    asked: str
    subject: str
    dataset: str
    day: date
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Looked:
    """Where an answer lies now; the lake has it soon after."""

    dataset: str
    raw_key: str
    bytes: int


class LookupSource(Protocol):
    """`kind` is one of the provider's `lookups`. Raises InvalidRequest or a ProviderError."""

    def look_up(self, kind: str, person: str, id: str, *, today: date) -> Found: ...


class People(Protocol):
    """Raises UnknownUser, UserGone, UserBlocked, NotLinked."""

    def find(self, provider: str, user_id: str) -> Driver: ...


class _Module(Protocol):
    """`providers/<name>/lookups.py`."""

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> LookupSource: ...


@dataclass(frozen=True)
class Lookups:
    """What a provider can be asked for by name."""

    provider: Provider
    source: Callable[[], LookupSource]
    people: People
    zone: Zone
    now: Callable[[], datetime] = http.utc_now

    def look_up(self, kind: str, who: str, id: str) -> Looked:
        """Of a user of ours, or of whoever the provider calls so.

        Nobody is asked about people who are blocked or erased. The same answer is kept once.
        """
        if kind not in self.provider.lookups:
            known = ", ".join(self.provider.lookups)
            raise InvalidRequest(f"what can be looked up is one of {known}")
        person, asked_at = self._person(who), self.now()
        found = self.source().look_up(kind, person, id, today=asked_at.date())
        answer = Entry(found.asked, asked_at, found.body, found.subject)
        digest = hashlib.sha256(found.subject.encode() + b"\n" + found.body).hexdigest()
        key = RawKey(self.provider.name, found.dataset, found.day, digest, envelope.EXTENSION)
        envelope.store(
            self.zone,
            provider=key.provider,
            dataset=key.dataset,
            day=key.day,
            identity=key.identity,
            entries=[answer],
        )
        return Looked(found.dataset, str(key), len(found.body))

    def _person(self, who: str) -> str:
        """Whom nobody is linked to may be asked about: so may come what the provider sends."""
        try:
            return self.people.find(self.provider.name, who).provider_user_id
        except UnknownUser:
            return who


def deployed() -> Lookups:
    """Of the provider that this function is for, with the secret of its stack."""
    here = settings()
    provider = _provider(here.provider)

    def source() -> LookupSource:
        fields = secrets.deployed().read(here.secret_arn, provider)
        module = importlib.import_module(f"telematics.providers.{provider.name}.lookups")
        return cast(_Module, module).connect(fields, base_url=here.provider_base_url)

    return Lookups(provider, source, drivers.deployed(), raw.deployed())


def _provider(name: str) -> Provider:
    provider = PROVIDERS.get(name)
    if provider is None or not provider.lookups:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.lookups)
        raise InvalidRequest(f"nothing can be looked up at {name}; it can at: {known}")
    return provider
