"""One call of VisionMax's API: patient with a busy server, and silent about people."""

from collections.abc import Mapping
from typing import TypeAlias

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.errors import MissingSetting, ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.providers.dashcam import answers
from telematics.providers.dashcam.answers import Answer, Envelope
from telematics.providers.dashcam.api import WHO, Api

Query: TypeAlias = Mapping[str, str | int]
Body: TypeAlias = Mapping[str, object]
Parts: TypeAlias = Mapping[str, tuple[None, str]]

# With these a server says that it has not even begun.
_NOT_TAKEN = frozenset({429, 503})


class TokenRefused(ProviderRefused):
    """The token is no longer good; `refusal` is what it is if a new one is not good either."""

    def __init__(self, refusal: ProviderRefused) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class _Unsure(Exception):
    """No answer to what must not be done twice: it may have been done."""

    def __init__(self, busy: ProviderBusy) -> None:
        super().__init__()
        self.busy = busy


class Wire:
    """Bodies, paths and queries are full of people: a refusal is told by status and code alone."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        api: Api,
        api_key: SecretStr,
        patience: Patience | None = None,
    ) -> None:
        key = api_key.get_secret_value()
        if not (key.isascii() and key.isprintable()):
            raise MissingSetting(f"{WHO}'s api_key can't stand in a header")
        self._client = client
        self._url = base_url.rstrip("/")
        self._api = api
        self._api_key = api_key
        self._patience = patience or Patience()

    def ask(
        self,
        operation: str,
        *,
        token: str | None = None,
        place: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        parts: Parts | None = None,
        bare: bool = False,
    ) -> Answer:
        """`place` fills the path, `parts` is a form. `bare`: success may come without envelope.

        What must not be done twice is repeated only if the server says that it was not begun.
        """
        route = self._api.routes[operation]
        request = self._client.build_request(
            route.method,
            self._url + route.filled(place or {}),
            params=query,
            json=body,
            files=parts,
            headers={
                **self._api.signed_in(self._api_key.get_secret_value(), token),
                "Accept": "application/json",
            },
        )

        def once() -> Answer:
            try:
                response = http.send(self._client, request)
            except ProviderBusy as busy:
                raise (busy if route.repeatable else _Unsure(busy)) from None
            try:
                return self._understood(operation, response, bare=bare)
            except ProviderBusy as busy:
                is_clear = route.repeatable or response.status_code in _NOT_TAKEN
                raise (busy if is_clear else _Unsure(busy)) from None

        try:
            return http.patiently(once, self._patience)
        except _Unsure as unsure:
            raise unsure.busy from None

    def _understood(self, operation: str, response: httpx.Response, *, bare: bool) -> Answer:
        body = response.content
        found = answers.envelope(body)
        said = _said(operation, response.status_code, found)
        if response.status_code != 200:
            self._raise_status(response, said)
        if found is None or (bare and found.result is None and found.code is None):
            if bare:
                return Answer(operation, body, Envelope())
            raise ProviderBusy(f"{said}, which is not a JSON object")
        if not found.is_success:
            self._raise_code(found, said)
        return Answer(operation, body, found)

    def _raise_status(self, response: httpx.Response, said: str) -> None:
        status = response.status_code
        try:
            http.check(response, who=WHO)
        except ProviderBusy as busy:
            raise ProviderBusy(said, retry_after_seconds=busy.retry_after_seconds) from None
        except ProviderRefused as error:
            refusal = type(error)(said)
            if self._api.means("token", str(status)):
                raise TokenRefused(refusal) from None
            raise refusal from None
        raise ProviderRefused(said)

    def _raise_code(self, found: Envelope, said: str) -> None:
        code = found.code if isinstance(found.code, str) else ""
        if self._api.means("token", code):
            raise TokenRefused(ProviderRefused(said))
        if self._api.means("busy", code):
            raise ProviderBusy(said)
        raise ProviderRefused(said)


def _said(operation: str, status: int, found: Envelope | None) -> str:
    """Status, code and request id; the message in it is the vendor's to write, and not shown."""
    code = f"code {found.shown_code}" if found and found.shown_code else ""
    request = f"request {found.request_id}" if found and found.request_id else ""
    told = ", ".join(part for part in (code, request) if part)
    return f"{WHO} answered {status} to {operation}{f' ({told})' if told else ''}"
