"""What the environment tells a function, read once; the only place that reads it."""

import json
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

    def _names(self, name: str) -> frozenset[str]:
        """Separated by commas."""
        parts = self.environment.get(name, "").split(",")
        return frozenset(one.strip().lower() for one in parts if one.strip())

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
    def lake_retention_days(self) -> int:
        """For how long a table can be asked for as it was."""
        return int(self._required("LAKE_RETENTION_DAYS"))

    @property
    def results_bucket(self) -> str:
        return self._required("RESULTS_BUCKET")

    @property
    def dead_letters(self) -> list[str]:
        """The URLs of all queues of what nobody could work on."""
        return self._required("DEAD_LETTERS").split(",")

    @property
    def watched_letters(self) -> Mapping[str, str]:
        """The URLs of queues of dead letters, by name."""
        told: Mapping[str, str] = json.loads(self._required("WATCHED_LETTERS"))
        return told

    @property
    def watched_secrets(self) -> Mapping[str, str]:
        """The ARNs of providers' secrets, by provider; what is in them is not read."""
        told: Mapping[str, str] = json.loads(self._required("WATCHED_SECRETS"))
        return told

    @property
    def alarm_topic(self) -> str:
        return self._required("ALARM_TOPIC")

    @property
    def database(self) -> str:
        return self._required("DATABASE")

    @property
    def workgroup(self) -> str:
        """Where Athena is asked."""
        return self._required("WORKGROUP")

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
    def media_bucket(self) -> str:
        return self._required("MEDIA_BUCKET")

    @property
    def media_hosts(self) -> frozenset[str]:
        """Where links to media may lead; to none where nobody has said."""
        return self._names("MEDIA_HOSTS")

    @property
    def media_insecure(self) -> frozenset[str]:
        """Where they may lead without encryption, as host:port: the sandbox's simulator only."""
        return self._names("MEDIA_INSECURE")

    @property
    def media_severity(self) -> int:
        """From which severity on the media of an event are stored."""
        return int(self.environment.get("MEDIA_SEVERITY") or 2)

    @property
    def impact_kinds(self) -> frozenset[str]:
        """Types of events that are impacts."""
        return self._names("IMPACT_TYPES")

    @property
    def tasks_table(self) -> str:
        return self._required("TASKS_TABLE")

    @property
    def reachable(self) -> Mapping[str, Mapping[str, str]]:
        """Of each provider that this function may call: its `base_url` and `secret_arn`."""
        told: Mapping[str, Mapping[str, str]] = json.loads(self._required("REACHABLE"))
        return told

    @property
    def users_table(self) -> str:
        return self._required("USERS_TABLE")

    @property
    def access_log_table(self) -> str:
        return self._required("ACCESS_LOG_TABLE")

    @property
    def identity_key_arn(self) -> str:
        return self._required("IDENTITY_KEY_ARN")

    @property
    def gate_seconds(self) -> float:
        """For how long it may go unnoticed that somebody was blocked."""
        return float(self._required("GATE_SECONDS"))

    @property
    def clip_first_wait_seconds(self) -> int:
        return int(self._required("CLIP_FIRST_WAIT_SECONDS"))

    @property
    def clip_longest_wait_seconds(self) -> int:
        return int(self._required("CLIP_LONGEST_WAIT_SECONDS"))

    @property
    def longest_wait_seconds(self) -> int:
        return int(self._required("LONGEST_WAIT_SECONDS"))

    @property
    def answer_seconds(self) -> int:
        """How long an answer is waited for that a provider posts when it has it."""
        return int(self._required("ANSWER_SECONDS"))

    @property
    def most_asks(self) -> int:
        """How often it is asked for."""
        return int(self._required("MOST_ASKS"))

    @property
    def webhook_api_url(self) -> str:
        """Where our webhooks are, as CloudFormation tells."""
        return self._required("WEBHOOK_API_URL")

    @property
    def public_url(self) -> str | None:
        """Where providers reach our webhooks, if that is elsewhere."""
        return self.environment.get("PUBLIC_URL") or None

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
