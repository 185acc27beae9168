"""From one signing secret to the next, with both alive while the sender changes over."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from time import sleep
from typing import TYPE_CHECKING

from infra.cli import console
from infra.cli.exits import BadInput

if TYPE_CHECKING:
    from infra.cli.keys import Values
    from telematics.catalog import Provider
    from telematics.schemes import Webhook

SECRET_BYTES = 32


def fresh() -> str:
    return token_urlsafe(SECRET_BYTES)


def rotated(values: "Values", provider: "Provider", secrets: Mapping["Webhook", str]) -> "Values":
    """Each webhook with its new secret; the one before goes on being accepted."""
    from telematics.secrets import not_configured

    changed = dict(values)
    for webhook, secret in secrets.items():
        current = values.get(webhook.secret)
        if not isinstance(current, str) or not current.strip():
            reason = f"the field {webhook.secret} of its secret is empty or missing"
            raise not_configured(provider, reason)
        if values.get(webhook.previous_secret):
            raise BadInput(
                f"{provider.name}/{webhook.name} has a secret before the current one already: when"
                f" {provider.title} signs with the current one, run"
                f" `telematics webhook rotate {provider.name} --webhook {webhook.name} --retire`"
            )
        if secret == current.strip():
            raise BadInput(f"this is the current secret of {provider.name}/{webhook.name} already")
        changed |= {webhook.secret: secret, webhook.previous_secret: current}
    return changed


def retired(values: "Values", webhooks: Sequence["Webhook"]) -> tuple["Values", list["Webhook"]]:
    """Without the secrets before the current ones; and whose there were."""
    ended = [webhook for webhook in webhooks if values.get(webhook.previous_secret)]
    dropped = {webhook.previous_secret for webhook in webhooks}
    return {name: value for name, value in values.items() if name not in dropped}, ended


def wait_for_receivers() -> None:
    """They keep what they read for a while: only then is it true for all of them."""
    from telematics.signing_secrets import SECRET_LIFETIME_SECONDS

    console.remark(
        f"waiting {SECRET_LIFETIME_SECONDS:g} s: so long may a function still go by what it read"
        " before"
    )
    sleep(SECRET_LIFETIME_SECONDS)
