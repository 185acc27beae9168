"""When a provider's keys expire: said beside them, and kept as a tag that shows nothing of them."""

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from infra.cli import console
from infra.cli.exits import BadInput
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider

FIELD = "keys_expire_on"


def parted(text: str, *, today: date) -> tuple[str, date | None]:
    """The secret without the day, and the day; what is no JSON object is left to who reads it."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    if not isinstance(values, dict) or FIELD not in values:
        return text, None
    day = _day(values.pop(FIELD), today)
    return json.dumps(values), day


def _day(told: object, today: date) -> date:
    try:
        day = date.fromisoformat(str(told))
    except ValueError:
        raise BadInput(f"the secret's {FIELD} is no day like 2027-01-31") from None
    if day <= today:
        raise BadInput(f"the secret's {FIELD} is over: such keys would be refused")
    return day


def known(provider: "Provider", told: date | None, *, today: date) -> date | None:
    """What was said, or else as long as the provider's keys last, had they been made today."""
    if told or provider.keys_last_days is None:
        return told
    return today + timedelta(days=provider.keys_last_days)


def note(deployment: Deployment, provider: "Provider", day: date | None) -> None:
    """An older day is of keys that are no longer there."""
    from botocore.exceptions import ClientError

    from telematics.attention.keys import EXPIRE_ON

    secret = deployment.output(f"{provider.id}Secret")
    try:
        if day:
            deployment.secrets.tag_resource(
                SecretId=secret, Tags=[{"Key": EXPIRE_ON, "Value": day.isoformat()}]
            )
        else:
            deployment.secrets.untag_resource(SecretId=secret, TagKeys=[EXPIRE_ON])
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        console.remark("you may not tag the secret: nobody will be told when these keys expire")
