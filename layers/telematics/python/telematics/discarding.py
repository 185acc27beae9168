"""Events that somebody has a provider discard, for good: who and why is in the access log first."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from pydantic import SecretStr

from telematics import http, identities, secrets, tasks
from telematics.catalog import PROVIDERS
from telematics.errors import Busy, ProviderError, ProviderRefused
from telematics.identities import Identities
from telematics.observability import logger
from telematics.redaction import redacted
from telematics.settings import settings
from telematics.tasks import Tasks
from telematics.users import log
from telematics.users.log import AccessLog

KIND, ACTION = "discard", "discard event"
BEGUN, DISCARDED, REFUSED = "discarding", "discarded", "refused"


class Discards(Protocol):
    """Raises ProviderError, or InvalidRequest for what can be no event."""

    def driver(self, event: str) -> str:
        """Whose event it is, as the provider calls them; empty where it does not say."""
        ...

    def discard(self, event: str) -> None: ...


class _Module(Protocol):
    """`providers/<name>/discards.py`."""

    def connect(self, fields: Mapping[str, SecretStr], *, base_url: str) -> Discards: ...


@dataclass(frozen=True)
class Discarding:
    """Everything that it touches."""

    provider: str
    tasks: Tasks
    source: Callable[[], Discards]
    log: AccessLog
    identities: Identities
    now: Callable[[], datetime] = http.utc_now

    def discard(self, event: str, *, by: str, reason: str) -> bool:
        """False: it had been discarded before. Raises ProviderError, InvalidRequest and Busy."""
        task_id = f"{KIND}-{tasks.digest_of(f'{self.provider}|{event}')[:24]}"
        known = self.tasks.get(task_id) or {}
        if known.get("state") == DISCARDED:
            return False
        source = self.source()
        subject = self.identities.of(self.provider, self._whose(source, event))

        def note(result: str) -> None:
            self.log.write(
                subject,
                action=ACTION,
                by=by,
                reason=reason,
                now=self.now(),
                result=result,
                request_id=task_id,
            )

        note(BEGUN)
        revision = int(known.get("revision", 0))
        if not self._turned(task_id, BEGUN, revision):
            raise Busy("somebody else is having it discarded at this moment")
        try:
            source.discard(event)
        except ProviderError as error:
            note(f"{REFUSED}: {redacted(str(error))}")
            self._turned(task_id, REFUSED, revision + 1)
            raise
        note(DISCARDED)
        self._turned(task_id, DISCARDED, revision + 1)
        logger.info("event discarded", extra={"task_id": task_id})
        return True

    def _whose(self, source: Discards, event: str) -> str:
        """Where nobody is named it is about the event itself."""
        try:
            driver = source.driver(event)
        except ProviderRefused:
            driver = ""  # it may be gone: discarding it says so
        return driver or f"event/{event}"

    def _turned(self, task_id: str, state: str, revision: int) -> bool:
        facts = {"kind": KIND, "provider": self.provider, "state": state}
        return self.tasks.write(task_id, facts, revision=revision)


def deployed() -> Discarding:
    """With the secret of the stack that this function belongs to."""
    here = settings()
    provider = PROVIDERS[here.provider]
    module = cast(
        _Module, importlib.import_module(f"telematics.providers.{provider.name}.discards")
    )

    def source() -> Discards:
        fields = secrets.deployed().read(here.secret_arn, provider)
        return module.connect(fields, base_url=here.provider_base_url)

    return Discarding(
        provider.name, tasks.deployed(), source, log.deployed(), identities.deployed()
    )
