"""The secrets that operators configured."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError
from pydantic import SecretStr

from telematics.catalog import Provider
from telematics.errors import MissingSetting
from telematics.schemes import PathToken

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Fields = Mapping[str, SecretStr]
# Fields that people write without quotes, as they look.
NUMBERS = ("product_id", "batch_size", "fleet_id")
OBJECTS = ("paths", "headers", "parameters", "codes")  # kept as JSON text, however they are written
SENTENCES = ("password",)  # like what signs, it may be one


@dataclass(frozen=True)
class Secrets:
    """Read whenever asked for: what fetches is called seldom, and new keys count at once."""

    client: "SecretsManagerClient"

    def read(self, arn: str, provider: Provider) -> Fields:
        """The fields that are filled in; a required one that isn't raises MissingSetting."""
        return checked(self.values(arn, provider), provider)

    def values(self, arn: str, provider: Provider) -> Mapping[str, object]:
        """All that is in it, be it declared or not; nothing of it has been looked at."""
        return _parsed(self._text(arn), provider)

    def _text(self, arn: str) -> str:
        try:
            return self.client.get_secret_value(SecretId=arn).get("SecretString", "")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return ""  # the secret is there, but nothing was ever put into it
            raise


def checked(values: Mapping[str, object], provider: Provider) -> Fields:
    """The declared fields of a secret, blanks at their ends removed."""
    fields = {}
    for name in (*provider.required, *provider.optional):
        text = as_text(name, values.get(name)).strip()
        if not text and name in provider.required:
            raise not_configured(provider, f"the field {name} of its secret is empty or missing")
        if text and (reason := _amiss(name, text, provider)):
            raise not_configured(provider, f"the field {name} of its secret {reason}")
        if text:
            fields[name] = SecretStr(text)
    return fields


def _amiss(name: str, text: str, provider: Provider) -> str:
    """Why it can't be what it is to be; empty where it can."""
    proofs = {webhook.secret: webhook.proof for webhook in provider.webhooks}
    if not text.isprintable():
        return "can't be printed"
    if name in OBJECTS:
        return "" if _is_object(text) else "is not a JSON object"
    if isinstance(proofs.get(name), PathToken):
        return "" if PathToken.is_usable(text) else "has signs that a path has not"
    # Somebody may have thought of it, and a sentence signs as well as anything.
    if name in proofs or name in SENTENCES or (text.isascii() and " " not in text):
        return ""
    return "has a blank inside"


def as_text(name: str, value: object) -> str:
    """A number as its digits, an object as JSON, where it may be one; empty for what is neither."""
    if name in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if name in OBJECTS and isinstance(value, dict):
        return json.dumps(value)
    return value if isinstance(value, str) else ""


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def not_configured(provider: Provider, reason: str) -> MissingSetting:
    return MissingSetting(
        f"{provider.title} is not configured: {reason};"
        f" run `telematics configure {provider.name} --file secret.json`"
    )


def _parsed(text: str, provider: Provider) -> Mapping[str, object]:
    try:
        values = json.loads(text or "{}")
    except ValueError:
        # The parser's own text would show a part of the secret.
        raise not_configured(provider, "its secret is not JSON") from None
    if not isinstance(values, dict):
        raise not_configured(provider, "its secret is not a JSON object")
    return values


@cache
def deployed() -> Secrets:
    """The secrets of the account that this function runs in."""
    return Secrets(boto3.client("secretsmanager"))
