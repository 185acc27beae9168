"""Who somebody is, as a keyed hash: it tells two people apart and says nothing of either.

What is to outlive a person (a tombstone, a line of the access log) is kept under it. Without the
key nobody can try out who is meant; with another one nobody is found again, so it never changes.
"""

import hmac
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import boto3

from telematics.errors import MissingSetting
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

OURS = "telematics"  # whose name for somebody it is, where it is our own
REMEMBERED = 20_000  # about 5 MB: a file names the same people again and again


class Identities:
    """Hashes of what a provider, or we ourselves, call somebody."""

    def __init__(self, key: bytes) -> None:
        @lru_cache(maxsize=REMEMBERED)
        def hashed(provider: str, provider_user_id: str) -> str:
            text = f"{provider}/{provider_user_id}"
            return hmac.digest(key, text.encode(), "sha256").hex()

        self._hashed = hashed

    def of(self, provider: str, provider_user_id: str) -> str:
        return self._hashed(provider, provider_user_id)

    def ours(self, user_id: str) -> str:
        return self._hashed(OURS, user_id)


def read(client: "SecretsManagerClient", arn: str) -> Identities:
    key = client.get_secret_value(SecretId=arn).get("SecretString", "")
    if not key:
        raise MissingSetting("the key of identities is empty")
    return Identities(key.encode())


@cache
def deployed() -> Identities:
    """With the key of the stack that this function belongs to."""
    return read(boto3.client("secretsmanager"), settings().identity_key_arn)
