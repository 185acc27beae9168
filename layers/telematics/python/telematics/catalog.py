"""The providers and their datasets: what infrastructure, functions, sandbox and tests all read."""

from collections.abc import Mapping
from dataclasses import dataclass

from telematics.datasets import Dataset
from telematics.providers.dashcam.datasets import DATASETS as DASHCAM_DATASETS
from telematics.providers.dashcam.webhooks import SECRETS as DASHCAM_WEBHOOK_SECRETS
from telematics.providers.dashcam.webhooks import WEBHOOKS as DASHCAM_WEBHOOKS
from telematics.providers.move.datasets import DATASETS as MOVE_DATASETS
from telematics.providers.move.webhooks import WEBHOOKS as MOVE_WEBHOOKS
from telematics.providers.sentiance.datasets import DATASETS as SENTIANCE_DATASETS
from telematics.schemes import Webhook


@dataclass(frozen=True)
class Provider:
    """A provider we receive from. `required` and `optional` name the fields of its secret.

    `enriched` names the raw datasets that only tell what there is: the details are asked for.
    """

    name: str
    title: str
    base_url: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ("base_url",)
    fetches_offloads: bool = False
    datasets: tuple[Dataset, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    enriched: tuple[str, ...] = ()
    labels_trips: bool = False
    syncs: bool = False
    clips: bool = False

    @property
    def id(self) -> str:
        """Its name in CamelCase, for construct ids and stack outputs."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def sends_versions(self) -> bool:
        """What it sends may be a newer version of what it sent before."""
        return any(one.key for one in self.datasets)

    def dataset(self, name: str) -> Dataset:
        """What is declared of a dataset; of one nobody declared, only its name."""
        return next((one for one in self.datasets if one.name == name), Dataset(name))


PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            name="sentiance",
            title="Sentiance",
            base_url="https://api.sentiance.com",
            required=("read_key", "url_key"),
            optional=("user_delete_key", "base_url"),
            fetches_offloads=True,
            datasets=SENTIANCE_DATASETS,
        ),
        Provider(
            name="move",
            title="Dolphin MOVE",
            base_url="https://sdk.dolph.in",
            required=("product_id", "api_key", "timeline_secret", "notifications_secret"),
            optional=("base_url", "api_version", "batch_shape", "batch_size"),
            datasets=MOVE_DATASETS,
            webhooks=MOVE_WEBHOOKS,
            enriched=("timeline",),
            labels_trips=True,
        ),
        Provider(
            name="dashcam",
            title="MiTAC VisionMax",
            # Its host is not documented: the owner's contract names it.
            base_url="https://visionmax.invalid",
            required=("api_key", "email", "password"),
            optional=(
                *DASHCAM_WEBHOOK_SECRETS,
                *("base_url", "paths", "headers", "parameters", "codes", "fleet_id"),
            ),
            datasets=DASHCAM_DATASETS,
            webhooks=DASHCAM_WEBHOOKS,
            syncs=True,
            clips=True,
        ),
    )
}


def table_name(provider: str, dataset: str) -> str:
    return f"{provider}_{dataset}"
