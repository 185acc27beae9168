"""Dolphin MOVE's two notifiers, and how both sign."""

from telematics.schemes import Signature, Webhook

SIGNATURE = Signature(
    header="x-dolphin-signature", prefix="sha256=", digest="sha256", encoding="base64"
)
TIMELINE = Webhook("timeline", SIGNATURE, secret="timeline_secret")  # noqa: S106 a field's name
NOTIFICATIONS = Webhook("notifications", SIGNATURE, secret="notifications_secret")  # noqa: S106
WEBHOOKS = (TIMELINE, NOTIFICATIONS)
