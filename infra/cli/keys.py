"""A provider's secret in the stack, field by field; and where its webhooks are called."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider

Values = Mapping[str, object]  # declared fields and others, as they are stored


def stored(deployment: Deployment, provider: "Provider") -> Values:
    from telematics.secrets import Secrets

    return Secrets(deployment.secrets).values(_secret(deployment, provider), provider)


def store(deployment: Deployment, provider: "Provider", values: Values) -> None:
    deployment.secrets.put_secret_value(
        SecretId=_secret(deployment, provider), SecretString=json.dumps(values)
    )


def require_configured(deployment: Deployment, provider: "Provider") -> None:
    """What needs keys fails in the stack without them, minutes later: say so at once."""
    from botocore.exceptions import ClientError

    from telematics.secrets import Secrets

    try:
        Secrets(deployment.secrets).read(_secret(deployment, provider), provider)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        # An operator need not be able to read it: the functions are.


def rotating(deployment: Deployment, provider: "Provider") -> list[str]:
    """The webhooks with two live secrets; none where one may not look, or can't read it."""
    from botocore.exceptions import ClientError

    from telematics.errors import MissingSetting

    if not provider.webhooks:
        return []
    try:
        values = stored(deployment, provider)
    except MissingSetting:
        return []
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return []
    return [
        f"{provider.name}/{webhook.name}"
        for webhook in provider.webhooks
        if values.get(webhook.previous_secret)
    ]


def webhook_urls(deployment: Deployment, provider: "Provider") -> dict[str, str]:
    urls = deployment.webhook_urls()
    names = [f"{provider.name}/{webhook.name}" for webhook in provider.webhooks]
    return {name: urls[name] for name in names if name in urls}


def _secret(deployment: Deployment, provider: "Provider") -> str:
    return deployment.output(f"{provider.id}Secret")
