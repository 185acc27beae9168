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
from telematics.providers.zendrive.datasets import DATASETS as ZENDRIVE_DATASETS
from telematics.providers.zendrive.webhooks import WEBHOOKS as ZENDRIVE_WEBHOOKS
from telematics.schemes import Capability, Webhook


@dataclass(frozen=True)
class UserCalls:
    """What a provider can be told of a person; for all else we see to it ourselves.

    `calls_them_as_we_do`: we choose their name there. Otherwise it is the provider's own, and may
    be known only later.
    """

    registers: bool = False
    blocks: bool = False
    forgets: bool = False
    calls_them_as_we_do: bool = False


@dataclass(frozen=True)
class Provider:
    """A provider we receive from. `required` and `optional` name the fields of its secret.

    `enriched` names the raw datasets that only tell what there is: the details are asked for.
    `lookups` are the kinds of things that can be read one by one, by who names them.
    `impacts` names those that tell of events, some of them, by their types, impacts.
    `keys_last_days` is how long after its making a key is good, where the provider says so.
    `shares_token`: a new access token revokes the one before, so that all functions have the same.
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
    lookups: tuple[str, ...] = ()
    syncs: bool = False
    clips: bool = False
    impacts: tuple[str, ...] = ()
    impact_types: tuple[str, ...] = ()
    discards: bool = False
    shares_token: bool = False
    keys_last_days: int | None = None
    collisions: bool = False
    users: UserCalls = UserCalls()

    @property
    def id(self) -> str:
        """Its name in CamelCase, for construct ids and stack outputs."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def forgets(self) -> bool:
        """It has a call to delete a person."""
        return self.users.forgets

    @property
    def sends_versions(self) -> bool:
        """What it sends may be a newer version of what it sent before."""
        return any(one.key for one in self.datasets)

    @property
    def called_back(self) -> Webhook:
        """Where it posts what we asked for, each time at an address of its own."""
        return next(one for one in self.webhooks if isinstance(one.proof, Capability))

    @property
    def notified(self) -> tuple[str, ...]:
        """The raw datasets of what it tells by itself."""
        told = (one.dataset for one in self.webhooks if not isinstance(one.proof, Capability))
        return tuple(dict.fromkeys(told))

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
            optional=("user_link_key", "user_delete_key", "user_delete", "base_url"),
            keys_last_days=365,
            fetches_offloads=True,
            datasets=SENTIANCE_DATASETS,
            users=UserCalls(registers=True, forgets=True),
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
            users=UserCalls(registers=True, blocks=True, forgets=True, calls_them_as_we_do=True),
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
            impacts=("messages", "events"),
            impact_types=("1",),  # the reference has no more of its table than that
            discards=True,
            shares_token=True,
        ),
        Provider(
            name="zendrive",
            title="Zendrive",
            base_url="https://api.zendrive.com",
            required=("api_key",),
            optional=("base_url", "notifications_auth"),
            datasets=ZENDRIVE_DATASETS,
            webhooks=ZENDRIVE_WEBHOOKS,
            lookups=("collision", "trip"),
            collisions=True,
        ),
    )
}


def table_name(provider: str, dataset: str) -> str:
    return f"{provider}_{dataset}"
