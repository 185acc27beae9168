"""Zendrive's notifications, and the two ways in which it shows who sends them.

Its page on webhooks has the body signed with our API key; its pages on single ones show the key
itself. Both are taken, unless the secret's field `notifications_auth` names one of them.
"""

from telematics.schemes import TOKEN, Capability, ChosenProof, Signature, StaticKey, Webhook

AUTHORIZATION = "authorization"
SIGNATURE = Signature(header=AUTHORIZATION, prefix="v1_", digest="sha256", encoding="base64")
API_KEY = StaticKey(header=AUTHORIZATION, prefix="APIKEY ")
AUTHENTICATION = ChosenProof(
    "notifications_auth", {"signature": SIGNATURE, "api_key": API_KEY}, every="both"
)
NOTIFICATIONS = Webhook(
    "notifications",
    AUTHENTICATION,
    secret="api_key",  # noqa: S106  # a field's name
    is_issued=True,
)
# What was asked for about a collision, posted to an address that was made for this one answer.
CALLBACK = Webhook(
    "collisions",
    Capability(),
    secret="",
    path=f"zendrive/collisions/{TOKEN}",
    kept_as="collision_details",
)
WEBHOOKS = (NOTIFICATIONS, CALLBACK)
