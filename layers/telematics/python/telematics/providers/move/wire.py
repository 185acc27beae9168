"""One call of MOVE's API: signed in, patient with a busy server, and silent about people."""

import base64
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.errors import InvalidRequest, ProviderRefused
from telematics.http import Patience
from telematics.providers.move.answers import WHO
from telematics.providers.move.api import Route

T = TypeVar("T")

Query = Mapping[str, str | int]
# Milliseconds have been above this since 1973, seconds are not before 5138.
_SECONDS_BELOW = 100_000_000_000
# With these a server may say that it does not understand the shape of a batch.
_NOT_AS_A_BATCH = frozenset({400, 404, 405, 415, 422})


class KeysRefused(ProviderRefused):
    """401: asking for anything else will not help either."""


class BatchRefused(ProviderRefused):
    """The server wants no batch, none of this shape, or nothing of it is there."""


class BatchForbidden(ProviderRefused):
    """One of the people in it is blocked."""


class Wire:
    """Bodies, paths and queries are full of people: a refusal is told by its status alone."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        product_id: str,
        api_key: SecretStr,
        patience: Patience | None = None,
    ) -> None:
        pair = f"{product_id}:{api_key.get_secret_value()}".encode()
        self._authorization = SecretStr(f"Basic {base64.b64encode(pair).decode()}")
        self._client = client
        self._url = base_url.rstrip("/")
        self._patience = patience or Patience()

    def ask(
        self,
        route: Route,
        understood: Callable[[bytes], T],
        *,
        place: Mapping[str, str | int] | None = None,
        query: Query | None = None,
        body: object = None,
        check: Callable[[httpx.Response], None] | None = None,
    ) -> T:
        """`place` fills the route's path; what `understood` can't read is asked for again."""
        request = self._client.build_request(
            route.method,
            self._url + route.path.format(**(place or {})),
            params=query,
            json=body,
            headers={
                "Authorization": self._authorization.get_secret_value(),
                "Accept": "application/json",
            },
        )

        def once() -> T:
            response = http.send(self._client, request)
            (check or check_call)(response)
            return understood(response.content)

        return http.patiently(once, self._patience)


def check_call(response: httpx.Response) -> None:
    if response.status_code == 401:
        raise KeysRefused(f"{WHO} answered 401: are product_id and api_key right?")
    http.check(response, who=WHO)


def check_batch(response: httpx.Response) -> None:
    status = response.status_code
    if status == 403:
        raise BatchForbidden(f"{WHO} answered {status} to a batch")
    if status in _NOT_AS_A_BATCH:
        raise BatchRefused(f"{WHO} answered {status} to a batch")
    check_call(response)


def in_range(seconds: int) -> int:
    """As paths and periods want it; before anything is sent."""
    if not 0 <= seconds < _SECONDS_BELOW:
        raise InvalidRequest("a time in UNIX seconds is at least 0 and below 100000000000")
    return seconds
