"""Dolphin MOVE: the timeline's API, both notifiers, and everything that can go wrong."""

# What the sandbox stores where the stack looks for the provider's keys.
SECRET = {
    "product_id": "1000",
    "api_key": "sandbox.move-api-key",
    "timeline_secret": "sandbox.timeline-notifier",
    "notifications_secret": "sandbox.generic-notifier",
}
