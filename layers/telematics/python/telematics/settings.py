"""What the environment tells a function, read once; the only place that reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from telematics.errors import MissingSetting


@dataclass(frozen=True)
class Settings:
    """Each property is needed by some functions only; a missing one fails naming itself."""

    environment: Mapping[str, str] = field(repr=False)

    def _required(self, name: str) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise MissingSetting(f"the environment variable {name} is not set")
        return value

    @property
    def provider(self) -> str:
        return self._required("PROVIDER")

    @property
    def provider_base_url(self) -> str:
        return self._required("PROVIDER_BASE_URL")

    @property
    def secret_arn(self) -> str:
        return self._required("SECRET_ARN")

    @property
    def ledger_table(self) -> str:
        return self._required("LEDGER_TABLE")

    @property
    def raw_bucket(self) -> str:
        return self._required("RAW_BUCKET")

    @property
    def lake_bucket(self) -> str:
        return self._required("LAKE_BUCKET")

    @property
    def database(self) -> str:
        return self._required("DATABASE")

    @property
    def queue_url(self) -> str:
        return self._required("QUEUE_URL")

    @property
    def rounds(self) -> int:
        """How often to ask again for what a provider does not know yet."""
        return int(self._required("ROUNDS"))

    @property
    def first_wait_seconds(self) -> int:
        return int(self._required("FIRST_WAIT_SECONDS"))

    @property
    def bus_name(self) -> str:
        return self._required("BUS_NAME")

    @property
    def region(self) -> str:
        return self._required("AWS_REGION")

    @property
    def endpoint_url(self) -> str | None:
        """Where AWS answers, when that is not AWS itself but the sandbox."""
        return self.environment.get("AWS_ENDPOINT_URL") or None


@cache
def settings() -> Settings:
    return Settings(dict(os.environ))
