"""One call of Zendrive's API: with our key, patient with a busy server, and silent about people."""

from collections.abc import Collection, Mapping

import httpx
import msgspec
from pydantic import SecretStr

from telematics import http
from telematics.errors import MissingSetting, ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.providers.zendrive.api import SCHEME, WHO, Route
from telematics.redaction import redacted


class KeyRefused(ProviderRefused):
    """401: asking for anything else will not help either."""


class NotValid(ProviderRefused):
    """400 or 422: something in the request is not as it should be, but our key is."""


class _Reason(msgspec.Struct, frozen=True):
    """How errors look where they are documented; `message` is what others have."""

    error: object = None
    message: object = None


class Wire:
    """Bodies, paths and webhooks' addresses are full of people and of secrets.

    A refusal tells the provider's reason, with whatever the request said taken out of it.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        api_key: SecretStr,
        patience: Patience | None = None,
    ) -> None:
        key = api_key.get_secret_value()
        if not (key.isascii() and key.isprintable()):
            raise MissingSetting(f"{WHO}'s api_key can't stand in a header")
        self._client = client
        self._url = base_url.rstrip("/")
        self._api_key = api_key
        self._patience = patience or Patience()

    def ask(
        self,
        route: Route,
        *,
        place: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        private: Collection[str] = (),
    ) -> bytes:
        """`place` fills the route's path; what is `private` is not told, whoever repeats it."""
        key = self._api_key.get_secret_value()
        request = self._client.build_request(
            route.method,
            self._url + route.filled(**(place or {})),
            params=query,
            json=body,
            headers={
                "Authorization": f"{SCHEME} {key}",
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
        )
        hidden = (key, *sorted((*private, *(place or {}).values()), key=len, reverse=True))

        def once() -> bytes:
            response = http.send(self._client, request)
            _check(response, route, hidden)
            return response.content

        return http.patiently(once, self._patience)


def _check(response: httpx.Response, route: Route, hidden: Collection[str]) -> None:
    status = response.status_code
    said = f"{WHO} answered {status} to {route.name}"
    try:
        http.check(response, who=WHO)
    except ProviderBusy as busy:
        raise ProviderBusy(said, retry_after_seconds=busy.retry_after_seconds) from None
    except ProviderRefused as refusal:
        if status == 401:
            raise KeyRefused(f"{said}: is api_key right?") from None
        reason = _reason(response.content, hidden)
        kind = NotValid if status in (400, 422) else type(refusal)
        raise kind(f"{said}: {reason}" if reason else said) from None
    if status != route.success:
        raise ProviderRefused(f"{said}, and not {route.success}")


def _reason(content: bytes, hidden: Collection[str]) -> str:
    """What the provider gives as one; nothing where it gives none."""
    try:
        found = msgspec.json.decode(content, type=_Reason)
    except (ValueError, RecursionError):
        return ""
    texts = (one for one in (found.error, found.message) if isinstance(one, str))
    return redacted(next(texts, ""), *hidden)
