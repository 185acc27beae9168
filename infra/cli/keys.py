"""A provider's secret in the stack, field by field; and where its webhooks are called."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.catalog import Provider
    from telematics.schemes import Webhook

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


def tokens(deployment: Deployment, provider: "Provider") -> dict[str, str]:
    """Those that its webhooks' paths have now; none where one may not look, or can't read it."""
    values = _seen(deployment, provider)
    names = [webhook.secret for webhook in provider.webhooks if webhook.has_token]
    return {name: text for name in names if isinstance(text := values.get(name), str) and text}


def rotating(deployment: Deployment, provider: "Provider") -> list[str]:
    """The webhooks with two live secrets; none where one may not look, or can't read it."""
    values = _seen(deployment, provider)
    return [
        f"{provider.name}/{webhook.name}"
        for webhook in provider.webhooks
        if values.get(webhook.previous_secret)
    ]


def _seen(deployment: Deployment, provider: "Provider") -> Values:
    """What is stored, as far as it can be seen from here."""
    from botocore.exceptions import ClientError

    from telematics.errors import MissingSetting

    if not provider.webhooks:
        return {}
    try:
        return stored(deployment, provider)
    except MissingSetting:
        return {}
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return {}


def webhook_urls(
    deployment: Deployment, provider: "Provider", values: Values | None = None
) -> dict[str, str]:
    """With the values of the secret: as they are called, and only those that can be called."""
    urls = deployment.webhook_urls()
    found = {f"{provider.name}/{webhook.name}": webhook for webhook in provider.webhooks}
    there = {name: webhook for name, webhook in found.items() if name in urls}
    if values is None:
        return {name: urls[name] for name in there}
    return {
        name: callable_url(urls[name], webhook, values)
        for name, webhook in there.items()
        if values.get(webhook.secret)
    }


def callable_urls(deployment: Deployment) -> dict[str, str]:
    """Every webhook's, as it is called; where a token is not configured, it is left out."""
    from telematics.catalog import PROVIDERS

    found = deployment.webhook_urls()
    for provider in PROVIDERS.values():
        there = (one for one in provider.webhooks if f"{provider.name}/{one.name}" in found)
        if any(webhook.has_token for webhook in there):
            found |= webhook_urls(deployment, provider, stored(deployment, provider))
    return found


def callable_url(url: str, webhook: "Webhook", values: Values) -> str:
    """With the token in its place, where its path has one."""
    from telematics.schemes import TOKEN

    return url.replace(TOKEN, str(values[webhook.secret])) if webhook.has_token else url


def _secret(deployment: Deployment, provider: "Provider") -> str:
    return deployment.output(f"{provider.id}Secret")
