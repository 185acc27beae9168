"""People at Sentiance: a code with which their app makes its user, and the end of that user.

The app's user gets an id from Sentiance that nobody here chooses: an offload tells it beside ours.
The reference shows no arguments of the mutation `delete_user`; the older call by REST it shows.
"""

import re
from collections.abc import Mapping

import httpx
from pydantic import SecretStr

from telematics import http
from telematics.errors import (
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
)
from telematics.http import Patience
from telematics.providers.sentiance.client import PATH, WHO, Call, asked, check, sent

# Somebody waits, at most 30 seconds: two attempts fit.
PATIENCE = Patience(attempts=2, total_wait_seconds=3.0)
GRAPHQL, REST = "graphql", "rest"
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
# What nobody is called in the codes of the older API, and how people say it.
_NOBODY = re.compile(r"USER_NOT_FOUND|no such user|user not found|unknown user", re.IGNORECASE)
_DELETE = 'mutation {{ delete_user(user_id: "{id}") {{ request_id }} }}'


class SentianceUsers:
    """The keys for making codes and for deleting are usually two; each is needed for its own."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        base_url: str,
        link_key: SecretStr | None,
        delete_key: SecretStr | None,
        delete_by: str = GRAPHQL,
        patience: Patience = PATIENCE,
    ) -> None:
        self._client = client
        self._url = base_url.rstrip("/")
        self._link_key = link_key
        self._delete_key = delete_key
        self._delete_by = delete_by
        self._patience = patience

    def register(self, user_id: str, provider_user_id: str | None) -> Mapping[str, SecretStr]:
        """A code for about ten minutes; the app's user will be ours by `user_id`."""
        key = _needed(self._link_key, "user_link_key")
        call = Call("make an authentication code", "user_link_key", "USER_LINK", key)

        def once() -> Mapping[str, SecretStr]:
            body = {"external_id": user_id}
            response = sent(self._client, "POST", f"{self._url}/users/auth-code", call, body)
            check(response, call)
            return _code(response)

        return http.patiently(once, self._patience)

    def block(self, provider_user_id: str, *, blocked: bool) -> None:
        raise InvalidRequest(f"{WHO} has no call for that")

    def forget(self, provider_user_id: str) -> None:
        """For good. Raises NotFound."""
        key = _needed(self._delete_key, "user_delete_key")
        call = Call("delete a user", "user_delete_key", "USER_DELETE", key)
        if not _ID.fullmatch(provider_user_id):
            raise InvalidRequest(f"{WHO} has no such ids")
        by = self._by_rest if self._delete_by == REST else self._by_graphql
        http.patiently(lambda: by(call, provider_user_id), self._patience)

    def _by_graphql(self, call: Call, id: str) -> None:
        """Its `request_id` is for the provider's support only."""
        try:
            asked(self._client, self._url + PATH, call, _DELETE.format(id=id))
        except ProviderRefused as refused:
            if _NOBODY.search(str(refused)):
                raise NotFound(f"{WHO} knows no such user") from None
            raise

    def _by_rest(self, call: Call, id: str) -> None:
        response = sent(self._client, "DELETE", f"{self._url}/users/{id}", call)
        if response.status_code == 404:
            raise NotFound(f"{WHO} knows no such user")
        check(response, call)


def _needed(key: SecretStr | None, name: str) -> SecretStr:
    if key is None:
        raise MissingSetting(f"{WHO} is not configured for that: its secret has no {name}")
    return key


def _code(response: httpx.Response) -> Mapping[str, SecretStr]:
    try:
        told = response.json()
        code, until = told["authentication_code"], told.get("expires_at") or ""
    except (ValueError, KeyError, TypeError, AttributeError):  # its text would show the code
        raise ProviderBusy(f"{WHO}'s answer holds no code") from None
    return {"authentication_code": SecretStr(str(code)), "expires_at": SecretStr(str(until))}


def forgetting(fields: Mapping[str, SecretStr], *, base_url: str) -> SentianceUsers | None:
    """For whom nobody waits; None where no key allows it."""
    if "user_delete_key" not in fields:
        return None
    return _connected(http.api(), fields, base_url, Patience())


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> SentianceUsers:
    return _connected(http.prompt(), fields, base_url, PATIENCE)


def _connected(
    client: httpx.Client, fields: Mapping[str, SecretStr], base_url: str, patience: Patience
) -> SentianceUsers:
    delete_by = fields["user_delete"].get_secret_value() if "user_delete" in fields else GRAPHQL
    if delete_by not in (GRAPHQL, REST):
        raise MissingSetting(f"{WHO}'s user_delete is {GRAPHQL} or {REST}")
    return SentianceUsers(
        client,
        base_url=fields["base_url"].get_secret_value() if "base_url" in fields else base_url,
        link_key=fields.get("user_link_key"),
        delete_key=fields.get("user_delete_key"),
        delete_by=delete_by,
        patience=patience,
    )
