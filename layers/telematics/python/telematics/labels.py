"""Labels that people give to trips: told to the provider, and its answer kept in raw."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import closed, http, raw, secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.errors import InvalidRequest, UserBlocked
from telematics.moments import stamp
from telematics.raw import Zone
from telematics.settings import settings
from telematics.users import gate
from telematics.users.gate import Gate


@dataclass(frozen=True)
class Labelled:
    """The trip as the provider has it now, and where such answers are kept."""

    type: str | None
    dataset: str
    day: date
    body: bytes = field(repr=False)


class TripLabels(Protocol):
    """Raises InvalidRequest where `trip_id` is none of this provider, or a ProviderError."""

    def label(self, trip_id: str, label: str) -> Labelled: ...


class _Module(Protocol):
    """`providers/<name>/labels.py`."""

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> TripLabels: ...


@dataclass(frozen=True)
class Desk:
    """Where labels are handed in."""

    provider: str
    labels: TripLabels
    zone: Zone
    gate: Gate
    now: Callable[[], datetime] = http.utc_now

    def label(self, trip_id: str, label: str) -> Labelled:
        """Raises UserBlocked."""
        if closed.is_about_closed(self.gate, self.provider, trip_id):
            raise UserBlocked("whose trip it is, is blocked, or their data is erased")
        labelled = self.labels.label(trip_id, label)
        fetched_at = self.now()
        asked = f"{trip_id}|{label}|{stamp(fetched_at.replace(microsecond=0))}"
        envelope.store(
            self.zone,
            provider=self.provider,
            dataset=labelled.dataset,
            day=labelled.day,
            identity=f"label-{hashlib.sha256(asked.encode()).hexdigest()}",
            entries=[Entry(asked="label", fetched_at=fetched_at, body=labelled.body)],
        )
        return labelled


def deployed() -> Desk:
    """The desk of the provider that this function is for, with the secret of its stack."""
    here = settings()
    provider = _provider(here.provider)
    fields = secrets.deployed().read(here.secret_arn, provider)
    module = importlib.import_module(f"telematics.providers.{provider.name}.labels")
    base_url = here.provider_base_url
    return Desk(
        provider=provider.name,
        labels=cast(_Module, module).connect(fields, base_url=base_url),
        zone=raw.deployed(),
        gate=gate.deployed(),
    )


def _provider(name: str) -> Provider:
    provider = PROVIDERS.get(name)
    if provider is None or not provider.labels_trips:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.labels_trips)
        raise InvalidRequest(f"{name} takes no labels; these do: {known}")
    return provider
