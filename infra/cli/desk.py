"""The access desk: calls of the private API, signed as whoever the credentials are."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from infra.cli.exits import BadInput, CommandError, TargetMissing
from infra.cli.target import Deployment

if TYPE_CHECKING:
    import httpx

SERVICE = "execute-api"
TIMEOUT_SECONDS, CONNECT_SECONDS = 35.0, 5.0  # API Gateway ends a call after 30
LATER = (429, 502, 503, 504)
Answer = Mapping[str, Any]  # JSON of the API


class Later(CommandError):
    """It did not work now; the same call may work soon."""


class Gone(CommandError):
    """It was there, and is no more."""


@dataclass(frozen=True)
class Desk:
    """Raises BadInput for 400, Gone for 410, Later for what passes, else CommandError.

    Each says what the API said.
    """

    deployment: Deployment

    def call(
        self,
        method: str,
        *path: str,
        body: Answer | None = None,
        query: Mapping[str, str] | None = None,
        idempotency_key: str = "",
    ) -> Answer:
        """Each of `path` is one segment, whatever signs there are in it."""
        import httpx

        url = "/".join((self.deployment.api_url, *map(_segment, path)))
        if query:
            url += f"?{urlencode(query, quote_via=quote)}"
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"}
        if idempotency_key:
            sent["Idempotency-Key"] = idempotency_key
        headers = self._signed(method, url, content, sent)
        # In the sandbox a proxy of this machine would lead elsewhere.
        with client(uses_proxies=not self.deployment.in_sandbox) as caller:
            try:
                answer = caller.request(method, url, content=content, headers=headers)
            except (
                httpx.TransportError
            ) as error:  # its text may hold the address, and who is asked about
                where, kind = self.deployment.label, type(error).__name__
                raise Later(f"no answer from the API of {where} ({kind})") from None
        return _read(answer)

    def _signed(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        session = self.deployment.session
        credentials = session.get_credentials()
        if credentials is None:
            raise TargetMissing("there are no AWS credentials (set AWS_PROFILE or sign in)")
        request = AWSRequest(method, url, dict(headers), content)
        SigV4Auth(credentials, SERVICE, session.region_name).add_auth(request)
        return dict(request.headers.items())


def key_of(body: Answer) -> str:
    """An idempotency key: the same command is the same call, however often a script runs it."""
    spelt = json.dumps(body, sort_keys=True)
    return f"telematics-{hashlib.sha256(spelt.encode()).hexdigest()}"


def client(*, uses_proxies: bool) -> "httpx.Client":
    import httpx

    timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(timeout=timeout, trust_env=uses_proxies)


def _segment(text: str) -> str:
    """Dots alone would be another path: they lead up, or nowhere."""
    if not text.strip("."):
        raise BadInput(f"{text!r} names nothing")
    return quote(text, safe="")


def _read(answer: "httpx.Response") -> Answer:
    told = _object(answer)
    if answer.is_success:
        return told
    status = answer.status_code
    said = next((told[name] for name in ("detail", "message", "Message") if told.get(name)), "")
    message = said or answer.reason_phrase or "no reason"
    if status == 400:
        raise BadInput(f"{message}")
    if status == 410:
        raise Gone(f"{message}")
    if status in LATER:
        wait = answer.headers.get("Retry-After")
        when = f"in {wait} s" if wait else "later"
        raise Later(f"{message} ({status}): try again {when}")
    if message == "Forbidden":  # what API Gateway says itself
        message = "your credentials may not call this: they need execute-api:Invoke"
    raise CommandError(f"{message} ({status})")


def _object(answer: "httpx.Response") -> Answer:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
