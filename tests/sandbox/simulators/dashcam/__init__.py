"""MiTAC VisionMax: dashcams with their events, videos, clips and webhooks, and what goes wrong."""

# What the sandbox stores where the stack looks for the provider's keys.
SECRET = {
    "api_key": "sandbox.dashcam-api-key",
    "email": "lake@insurer.example",
    "password": "sandbox.dashcam-password",
    "webhook_secret": "sandbox.dashcam-webhook",
}
# The vendor's algorithm is not known: the simulator signs with HMAC-SHA256 over `message`.
WEBHOOK_SECRET = SECRET["webhook_secret"]
