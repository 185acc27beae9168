"""The access token that all workers share: a new one revokes the one before."""

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import SecretStr

from telematics import secrets, tasks
from telematics.errors import ProviderRefused
from telematics.settings import settings
from telematics.shared_token import SharedToken

NAME = "dashcam"
_ACCOUNT = ("email", "password", "fleet_id")


class Tokens(Protocol):
    """Where the token is kept. Whoever was refused names the token that was: it may be history."""

    def current(self) -> str | None: ...

    def renewed(self, stale: str | None, login: Callable[[], str]) -> str:
        """The token that replaces `stale`; `login` is called only if nobody has replaced it yet."""
        ...


class InProcess:
    """For the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: str | None = None
        self._attempts = 0
        self._refusal: ProviderRefused | None = None

    def current(self) -> str | None:
        return self._token

    def renewed(self, stale: str | None, login: Callable[[], str]) -> str:
        seen = self._attempts
        with self._lock:
            if self._token is not None and self._token != stale:
                return self._token
            # Who waited while a login was refused asks no second time: accounts get locked.
            if self._refusal and self._attempts != seen:
                raise ProviderRefused(str(self._refusal))
            try:
                self._token, self._refusal = login(), None
            except ProviderRefused as refusal:
                self._refusal = refusal
                raise
            finally:
                self._attempts += 1
            return self._token


def shared(fields: Mapping[str, SecretStr], *, base_url: str) -> Tokens:
    """For all functions of the stack that this one belongs to, as long as the account is this."""
    known = {name: one.get_secret_value() for name, one in fields.items()}
    spelt = "|".join((known.get("base_url", base_url), *(known.get(one, "") for one in _ACCOUNT)))
    # Under the key of the API: a password can't be tried out on what is kept.
    account = hmac.digest(known["api_key"].encode(), spelt.encode(), hashlib.sha256).hex()
    return SharedToken(
        name=f"{NAME}-{account[:24]}",
        secret_arn=lambda: settings().secret_arn,
        client=lambda: secrets.deployed().client,
        tasks=tasks.deployed,
    )
