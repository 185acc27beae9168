"""A provider with clips and events to be asked for, which nobody has ever heard of."""

from collections.abc import Mapping

from telematics.catalog import PROVIDERS, Provider
from telematics.datasets import Dataset
from telematics.schemes import PathToken, Signature, Webhook

TOKEN_FIELD, KEY_FIELD = "webhook_token", "webhook_key"
SIGNATURE = Signature("x-signature", "", "sha256", "hex")
ACME = Provider(
    name="acme",
    title="Acme Cameras",
    base_url="https://api.acme.example",
    required=("api_key",),
    datasets=(
        Dataset("events", key="id"),
        Dataset("event_videos", key="id", part_of="events"),
        Dataset("clips", key="clip_id"),
    ),
    webhooks=(
        Webhook("messages", PathToken(), TOKEN_FIELD, path="acme/{token}"),
        Webhook("signed_messages", SIGNATURE, KEY_FIELD, path="acme", kept_as="messages"),
    ),
    syncs=True,
    clips=True,
    impacts=("messages", "events"),
    impact_types=("1", "9"),
    discards=True,
    shares_token=True,
)


def with_acme() -> Mapping[str, Provider]:
    """In the place of others of its kind: the API asks only one for clips."""
    others = {name: one for name, one in PROVIDERS.items() if not (one.clips or one.syncs)}
    return {**others, ACME.name: ACME}
