"""Labels that people give to trips: told to the provider, and its answer kept in raw."""

import base64
import binascii
import hashlib
import importlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, NotRequired, Protocol, TypedDict, cast

import msgspec
from pydantic import SecretStr

from telematics import http, raw, secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.errors import (
    Forbidden,
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.ledger import stamp
from telematics.raw import Zone
from telematics.settings import settings

RETRY_AFTER_SECONDS = 30
# No provider's reference lists the labels it takes: this is how all that it shows are spelt.
_LABEL = re.compile(r"[A-Z0-9_]{1,40}")


class HttpEvent(TypedDict):
    """What we read of an event of API Gateway, payload 2.0."""

    pathParameters: NotRequired[Mapping[str, str]]
    body: NotRequired[str]
    isBase64Encoded: NotRequired[bool]


class HttpResponse(TypedDict):
    """What it answers then."""

    statusCode: int
    headers: Mapping[str, str]
    body: str


class Request(NamedTuple):
    """Which trip is to be called what."""

    trip_id: str
    label: str


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
    now: Callable[[], datetime] = http.utc_now

    def label(self, trip_id: str, label: str) -> Labelled:
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


class _Body(msgspec.Struct, frozen=True):
    label: str


def asked(event: HttpEvent) -> Request:
    """Raises InvalidRequest, which says what would be right."""
    trip_id = (event.get("pathParameters") or {}).get("trip_id", "")
    text = event.get("body") or ""
    try:
        content = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
        label = msgspec.json.decode(content, type=_Body).label
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidRequest('the body is not a JSON object like {"label": "CAR"}') from None
    if not _LABEL.fullmatch(label):
        raise InvalidRequest(
            "the label is none: it has at most 40 capital letters, digits and underscores, like CAR"
        )
    return Request(trip_id, label)


def done(request: Request, labelled: Labelled) -> HttpResponse:
    told = {"trip_id": request.trip_id, "label": request.label, "type": labelled.type}
    return _response(200, told)


_STATUSES: Mapping[type[TelematicsError], int] = {
    InvalidRequest: 400,
    Forbidden: 403,
    NotFound: 404,
    ProviderRefused: 422,
    ProviderBusy: 503,
    MissingSetting: 503,
}
REFUSALS = tuple(_STATUSES)


def refusal(error: TelematicsError) -> HttpResponse:
    """`error` is one of REFUSALS, none of which tells who was asked about."""
    status = next(code for kind, code in _STATUSES.items() if isinstance(error, kind))
    headers = {}
    if isinstance(error, ProviderBusy):
        wait = (
            RETRY_AFTER_SECONDS if error.retry_after_seconds is None else error.retry_after_seconds
        )
        headers["Retry-After"] = str(math.ceil(wait))
    return _response(status, {"message": str(error)}, headers)


def _response(
    status: int, body: Mapping[str, str | None], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
    }


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
    )


def _provider(name: str) -> Provider:
    provider = PROVIDERS.get(name)
    if provider is None or not provider.labels_trips:
        known = ", ".join(one.name for one in PROVIDERS.values() if one.labels_trips)
        raise InvalidRequest(f"{name} takes no labels; these do: {known}")
    return provider
