"""What senders of webhooks sign with, or show; while one rotates, the one before it too."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from telematics.catalog import PROVIDERS, Provider
from telematics.errors import MissingSetting
from telematics.schemes import ChosenProof, DescribedSignature, SignedBy, Webhook
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_LIFETIME_SECONDS = 5.0  # after a rotation, so long until every receiver knows


@dataclass
class SigningSecrets:
    """Kept for a few seconds, so that strangers can't make us read them with every call.

    The clock is the wall's: another may stand still while a function sleeps between two calls. The
    fields are checked one by one: a webhook works without what only another one needs.
    """

    arn: str
    provider: Provider
    client: "SecretsManagerClient" = field(repr=False)
    clock: Callable[[], float] = time.time
    _fields: Mapping[str, str] = field(default_factory=dict, init=False, repr=False)
    _read_at: float = field(default=float("-inf"), init=False)

    def live(self, webhook: Webhook) -> tuple[str, str]:
        """The current one and the one before, which mostly is empty. Raises MissingSetting."""
        current, previous = self.known(webhook)
        if not current:
            raise self._not_configured(f"the field {webhook.secret} of its secret is not usable")
        return current, previous

    def known(self, webhook: Webhook) -> tuple[str, str]:
        """The same, both empty where nobody has configured it."""
        fields = self._fresh()
        return fields.get(webhook.secret, ""), fields.get(webhook.previous_secret, "")

    def described(self, webhook: Webhook) -> SignedBy | None:
        """How it is signed, by the secret; None where that does not tell, or not with what."""
        fields, proof = self._fresh(), webhook.proof
        try:
            if isinstance(proof, ChosenProof):
                return proof.scheme(fields)
            if isinstance(proof, DescribedSignature) and webhook.secret in fields:
                return proof.scheme(fields)
        except MissingSetting as error:
            raise self._not_configured(str(error)) from None
        return None

    def _fresh(self) -> Mapping[str, str]:
        now = self.clock()
        if not 0 <= now - self._read_at < SECRET_LIFETIME_SECONDS:
            self._fields = self._usable(self._text())
            self._read_at = now
        return self._fields

    def _text(self) -> str:
        try:
            return self.client.get_secret_value(SecretId=self.arn).get("SecretString", "")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return ""  # the secret is there, but nothing was ever put into it
            raise

    def _usable(self, text: str) -> Mapping[str, str]:
        """Texts that are not empty, blanks at their ends removed; anything else is not there."""
        try:
            values = json.loads(text or "{}")
        except ValueError:
            # The parser's own error holds the secret.
            raise self._not_configured("its secret is not JSON") from None
        if not isinstance(values, dict):
            raise self._not_configured("its secret is not a JSON object")
        texts = {name: value.strip() for name, value in values.items() if isinstance(value, str)}
        return {name: value for name, value in texts.items() if value.isprintable() and value}

    def _not_configured(self, reason: str) -> MissingSetting:
        return MissingSetting(
            f"{self.provider.title} is not configured: {reason};"
            f" run `telematics configure {self.provider.name} --file secret.json`"
        )


@cache
def deployed() -> SigningSecrets:
    """Those of the provider that this function was deployed for."""
    here = settings()
    client = boto3.client("secretsmanager")
    return SigningSecrets(here.secret_arn, PROVIDERS[here.provider], client)
