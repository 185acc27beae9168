"""Deliveries to our webhooks: what they are, that they are authentic, and where they are kept."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NotRequired, Protocol, Self, TypedDict, cast

from telematics import raw, signing_secrets
from telematics.catalog import PROVIDERS, Provider
from telematics.errors import BadSignature, MalformedPayload, NotAuthentic, TelematicsError
from telematics.moments import stamp
from telematics.raw import Provenance, RawKey, Zone
from telematics.schemes import (
    TOKEN,
    Capability,
    PathToken,
    Signature,
    SignedBy,
    StaticKey,
    Webhook,
)
from telematics.settings import settings
from telematics.signing_secrets import SigningSecrets

if TYPE_CHECKING:
    from telematics.capabilities import Capabilities

SIGNERS = ("current", "previous")
CAPABILITY = "capability"
MOST_BYTES = 10_000_000  # API Gateway passes on less


class HttpContext(TypedDict, total=False):
    """What API Gateway knows of a request."""

    requestId: str


class HttpEvent(TypedDict, total=False):
    """A request as API Gateway's HTTP API tells it, payload format 2.0."""

    routeKey: str
    rawPath: str
    pathParameters: Mapping[str, str]
    headers: Mapping[str, str]
    requestContext: HttpContext
    body: str
    isBase64Encoded: bool


class HttpResponse(TypedDict):
    """What it answers for us."""

    statusCode: int
    headers: NotRequired[Mapping[str, str]]
    body: NotRequired[str]


class Refused(TelematicsError):
    """Not taken: `status` is all that the caller is told, `reason` what we count."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class _Module(Protocol):
    """`providers/<name>/deliveries.py`. Raises MalformedPayload."""

    def day(self, webhook: str, body: bytes) -> date | None: ...


@dataclass(frozen=True)
class Address:
    """Which webhook is called. `token` is the secret in its path, where it has one."""

    provider: Provider
    webhook: Webhook
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, event: HttpEvent, provider: Provider) -> Self:
        """By its route or by its path. Raises Refused."""
        declared = {one.route(provider.name): one for one in provider.webhooks}
        path = event.get("rawPath", "")
        for place in (event.get("routeKey", ""), path):
            _, root, below = place.rpartition("/webhooks/")
            called = root + below
            if found := declared.get(called):
                parameters = event.get("pathParameters") or {}
                return cls(provider, found, parameters.get("token") or path.rpartition("/")[2])
            front, _, token = called.rpartition("/")
            if found := declared.get(f"{front}/{TOKEN}"):
                return cls(provider, found, token)
        raise Refused("unknown_webhook", 404)


@dataclass(frozen=True)
class Delivery:
    """What somebody sent to one of the provider's webhooks; `body` is exactly what they sent."""

    provider: Provider
    webhook: Webhook
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    request_id: str = ""

    @classmethod
    def from_event(
        cls, event: HttpEvent, address: Address, *, largest_bytes: int | None = None
    ) -> Self:
        """Raises Refused. A body that is too large is not even decoded."""
        largest = address.webhook.largest_bytes if largest_bytes is None else largest_bytes
        return cls(
            provider=address.provider,
            webhook=address.webhook,
            body=_body(event, largest),
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            request_id=event.get("requestContext", {}).get("requestId", ""),
        )

    def signature(self, scheme: SignedBy) -> str:
        """As it was given, whatever it is worth; without one nothing else need be looked at."""
        if not self.body:
            raise Refused("empty_body", 401)
        given = self.headers.get(scheme.header, "")
        if not given:
            raise Refused("no_signature", 401)
        return given

    def signed_by(self, scheme: SignedBy, secrets: Sequence[str]) -> int:
        """Which of the secrets signed it."""
        try:
            return scheme.matching(self.body, self.signature(scheme), secrets)
        except BadSignature as error:
            raise Refused("bad_signature", 401) from error

    def day(self) -> date | None:
        """The provider's own day for this body. Raises MalformedPayload."""
        module = import_module(f"telematics.providers.{self.provider.name}.deliveries")
        return cast(_Module, module).day(self.webhook.name, self.body)


@dataclass(frozen=True)
class Taken:
    """A delivery that is in raw now. `is_new` is false when it had been there before.

    `unexpected` says why its body is none that we know; it is kept all the same.
    """

    webhook: Webhook
    signed_by: str
    key: RawKey
    size: int
    is_new: bool
    unexpected: str = ""


def _capabilities() -> "Capabilities":
    """Only who is called by these pays for the import."""
    from telematics import capabilities

    return capabilities.deployed()


@dataclass(frozen=True)
class Receiver:
    """One provider's webhooks."""

    provider: Provider
    secrets: SigningSecrets
    zone: Zone
    capabilities: "Callable[[], Capabilities]" = _capabilities

    def take(self, event: HttpEvent, *, now: datetime) -> Taken:
        """Raises Refused, or MissingSetting when we do not know how the sender signs."""
        address = Address.of(event, self.provider)
        if isinstance(address.webhook.proof, Capability):
            return self._redeemed(event, address, now)
        delivery, signer = self.authentic(event)
        day, unexpected = placed(delivery, now)
        digest = hashlib.sha256(delivery.body).hexdigest()
        key = RawKey(self.provider.name, delivery.webhook.dataset, day, digest, "json")
        provenance = Provenance(stamp(now), delivery.request_id)
        is_new = self.zone.put_once(key, delivery.body, provenance)
        size = len(delivery.body)
        return Taken(delivery.webhook, SIGNERS[signer], key, size, is_new, unexpected)

    def _redeemed(self, event: HttpEvent, address: Address, now: datetime) -> Taken:
        """Whatever is amiss with a token, the same work is done, and the same is answered."""
        delivery = Delivery.from_event(event, address, largest_bytes=MOST_BYTES)
        digest, size = hashlib.sha256(delivery.body).hexdigest(), len(delivery.body)
        known = self.capabilities()
        try:
            found = known.find(address.token, digest, now=now)
        except NotAuthentic as error:
            raise Refused("unknown_token", 404) from error
        if size > delivery.webhook.largest_bytes:
            known.mark_too_large(found, size)
            raise Refused("too_large", 413)
        if not delivery.body:
            raise Refused("empty_body", 400)
        if not known.use(found, digest, now=now):
            raise Refused("unknown_token", 404)  # another body was faster
        key = found.key(self.provider, digest)
        with ExitStack() as unstored:
            if not found.used_by:
                unstored.callback(known.release, found, digest)
            is_new = self.zone.put_once(
                key, delivery.body, Provenance(stamp(now), delivery.request_id)
            )
            unstored.pop_all()
        return Taken(delivery.webhook, CAPABILITY, key, size, is_new)

    def authentic(self, event: HttpEvent) -> tuple[Delivery, int]:
        """The delivery, and which secret shows who sent it."""
        address = Address.of(event, self.provider)
        proof = address.webhook.proof
        if isinstance(proof, PathToken):
            # Before anything is said of the body: who has no token learns nothing at all.
            known_by = self._known_by(proof, address)
            delivery = Delivery.from_event(event, address)
            if not delivery.body:
                raise Refused("empty_body", 400)
            return delivery, known_by
        scheme = self._scheme(address.webhook)
        delivery = Delivery.from_event(event, address)
        delivery.signature(scheme)  # unsigned, it costs no look at the secrets
        return delivery, delivery.signed_by(scheme, self.secrets.live(delivery.webhook))

    def _known_by(self, proof: PathToken, address: Address) -> int:
        secrets = self.secrets.known(address.webhook)
        if not secrets[0]:
            raise Refused("no_token_configured", 404)
        try:
            return proof.matching(address.token, secrets)
        except NotAuthentic as error:
            raise Refused("unknown_token", 404) from error

    def _scheme(self, webhook: Webhook) -> SignedBy:
        """As declared, or what the secret says of it; without either there is no such webhook."""
        if isinstance(webhook.proof, Signature | StaticKey):
            return webhook.proof
        found = self.secrets.described(webhook)
        if found is None:
            raise Refused("no_signature_configured", 404)
        return found


def placed(delivery: Delivery, now: datetime) -> tuple[date, str]:
    """The day it is kept under, and what is unexpected about it.

    The day is its own, so that a repeat has the same key; of what can't be read, that of arrival.
    """
    arrival = now.astimezone(UTC).date()
    try:
        return delivery.day() or arrival, ""
    except MalformedPayload as error:
        return arrival, str(error)


def _body(event: HttpEvent, largest_bytes: int) -> bytes:
    """The bytes that were sent: Base64 undone, where API Gateway put it on, and nothing else."""
    text = event.get("body") or ""
    encoded = event.get("isBase64Encoded", False)
    # Characters are at most as many as bytes; of Base64, four are three bytes or a little less.
    if (len(text) // 4 * 3 - text[-2:].count("=") if encoded else len(text)) > largest_bytes:
        raise Refused("too_large", 413)
    try:
        # What is no UTF-8 was never signed as such, and fails where signatures are compared.
        body = base64.b64decode(text, validate=True) if encoded else _utf8(text)
    except ValueError as error:
        raise Refused("bad_encoding", 401) from error
    if len(body) > largest_bytes:
        raise Refused("too_large", 413)
    return body


def _utf8(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


@cache
def deployed() -> Receiver:
    """The webhooks of the provider that this function was deployed for."""
    provider = PROVIDERS[settings().provider]
    return Receiver(provider, signing_secrets.deployed(), raw.deployed())
