"""The access token that all workers share: a new one revokes the one before."""

import threading
from collections.abc import Callable
from typing import Protocol

from telematics.errors import ProviderRefused


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
