"""Deliveries as MOVE signs them, as API Gateway hands them over; and whoever receives them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from telematics.catalog import PROVIDERS, Provider
from telematics.providers.move.webhooks import SIGNATURE
from telematics.signing_secrets import SigningSecrets
from telematics.webhooks import HttpEvent, Receiver
from tests.unit.fakes import FakeS3, refusal

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PAYLOADS = Path(__file__).parent.parent / "payloads" / "webhooks"
MOVE = PROVIDERS["move"]
SECRET = "a-secret-of-ours"  # noqa: S105  # nobody else's
FIELDS = {"timeline_secret": SECRET, "notifications_secret": "another-secret"}
ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:telematics/move"


@dataclass
class FakeSecretsManager:
    """One secret. `text` is None where nothing was ever put into it."""

    text: str | None = field(default_factory=lambda: json.dumps(FIELDS))
    refuses: str = ""
    reads: int = 0

    def put(self, fields: Mapping[str, object]) -> None:
        self.text = json.dumps(fields)

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, str]:  # noqa: N803
        assert SecretId == ARN
        self.reads += 1
        if self.refuses or self.text is None:
            raise refusal(self.refuses or "ResourceNotFoundException", "GetSecretValue")
        return {"SecretString": self.text}


@dataclass
class Clock:
    """It stands still unless it is told to move."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Received:
    """A receiver, and everything around it."""

    s3: FakeS3 = field(default_factory=FakeS3)
    manager: FakeSecretsManager = field(default_factory=FakeSecretsManager)
    clock: Clock = field(default_factory=Clock)
    provider: Provider = MOVE

    def __post_init__(self) -> None:
        self.secrets = SigningSecrets(
            ARN, self.provider, cast("SecretsManagerClient", self.manager), self.clock
        )
        self.receiver = Receiver(self.provider, self.secrets, self.s3.zone)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def event(
    body: bytes,
    /,
    *,
    webhook: str = "timeline",
    key: str = SECRET,
    encoded: bool = True,
    **changes: Any,  # Any: whatever an event may hold
) -> HttpEvent:
    """Signed, unless `changes` have other headers."""
    told = {
        "version": "2.0",
        "routeKey": f"POST /webhooks/move/{webhook}",
        "rawPath": f"/webhooks/move/{webhook}",
        "headers": {SIGNATURE.header: SIGNATURE.sign(body, key)},
        "requestContext": {"requestId": "request-1"},
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }
    return cast(HttpEvent, told | changes)
