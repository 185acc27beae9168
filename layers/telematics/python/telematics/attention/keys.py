"""Providers' keys that expire soon, as far as it is known: by a tag of the secret, never by it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from telematics.attention.problem import Kind, Problem

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

EXPIRE_ON = "telematics:keys-expire-on"  # the tag; its value is a day like 2027-01-31
SOON = timedelta(days=30)


def expiry(client: "SecretsManagerClient", arn: str) -> date | None:
    """The day from which on the provider refuses them; None where nobody has said."""
    tags = client.describe_secret(SecretId=arn).get("Tags", [])
    told = next((tag.get("Value", "") for tag in tags if tag.get("Key") == EXPIRE_ON), "")
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def expiring(
    client: "SecretsManagerClient", secrets: Mapping[str, str], *, now: datetime
) -> Iterator[Problem]:
    """`secrets` are their ARNs by provider."""
    for provider, arn in secrets.items():
        day = expiry(client, arn)
        if day and now >= (since := datetime.combine(day, time(), UTC) - SOON):
            left = (day - now.astimezone(UTC).date()).days
            how = f"expire on {day}, in {left} days" if left > 0 else f"have expired on {day}"
            yield Problem(
                Kind.KEY_EXPIRES,
                provider,
                f"{provider}: its keys {how}",
                f"telematics configure {provider} --file secret.json",
                since,
            )
