"""VisionMax's webhook, which takes an answer for success only if it says so.

How its notices are signed is not documented. So a token in the address shows that it is them; who
has learnt more describes the signature in the secret, and gives them the address without a token.
"""

from telematics.providers.dashcam.datasets import WEBHOOK
from telematics.schemes import DescribedSignature, PathToken, Webhook

SUCCESS = '{"status":"success"}'
SIGNATURE = DescribedSignature(
    header="webhook_header",
    encoding="webhook_encoding",
    digest="webhook_digest",
    prefix="webhook_prefix",
)
MESSAGES = Webhook(
    WEBHOOK,
    PathToken(),
    secret="webhook_secret",  # noqa: S106  # a field's name
    answer=SUCCESS,
    path="dashcam/{token}",
)
SIGNED_MESSAGES = Webhook(
    f"signed_{WEBHOOK}",
    SIGNATURE,
    secret="webhook_signing_secret",  # noqa: S106  # a field's name
    answer=SUCCESS,
    path="dashcam",
    kept_as=WEBHOOK,
)
WEBHOOKS = (MESSAGES, SIGNED_MESSAGES)
SECRETS = (MESSAGES.secret, SIGNED_MESSAGES.secret, *SIGNATURE.fields)
