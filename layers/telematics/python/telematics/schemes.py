"""Webhooks, declared as data: who calls where, how it is signed, and what counts as an answer."""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from telematics.errors import BadSignature

ENCODERS: Mapping[str, Callable[[bytes], str]] = {
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "hex": lambda digest: binascii.hexlify(digest).decode(),
}


@dataclass(frozen=True)
class Signature:
    """An HMAC over the exact bytes of the body, in a header, like `sha256=<base64>`.

    Anyone can check it: `openssl dgst -sha256 -hmac <secret> -binary body.json | base64`.
    """

    header: str
    prefix: str
    digest: str
    encoding: str

    def sign(self, body: bytes, secret: str) -> str:
        made = hmac.digest(secret.encode(), body, self.digest)
        return self.prefix + ENCODERS[self.encoding](made)

    def matching(self, body: bytes, given: str, secrets: Sequence[str]) -> int:
        """Which of the live secrets signed it. Raises BadSignature when none did.

        All are compared, each in constant time: how long it takes tells at most how many there
        are. An empty one is none.
        """
        if not body:
            raise BadSignature("the body is empty")
        offered = given.encode(errors="surrogatepass")
        found = -1
        for place, secret in enumerate(secrets):
            if secret:
                is_it = hmac.compare_digest(self.sign(body, secret).encode(), offered)
                found = place if is_it and found < 0 else found
        if found < 0:
            raise BadSignature("the body and its signature disagree")
        return found


@dataclass(frozen=True)
class Webhook:
    """`POST /webhooks/<provider>/<name>`; what arrives is kept as the raw dataset `name`.

    `secret` is the field of the provider's secret with the key; while keys rotate, the one before
    is in `<secret>_previous`. `answer` is the body that this sender takes for success, beside 200.
    """

    name: str
    signature: Signature
    secret: str
    answer: str = ""
    largest_bytes: int = 5_000_000

    @property
    def previous_secret(self) -> str:
        return f"{self.secret}_previous"
