"""The providers and their datasets: what infrastructure, functions, sandbox and tests all read."""

from collections.abc import Mapping
from dataclasses import dataclass

from telematics.datasets import Dataset
from telematics.providers.sentiance.datasets import DATASETS as SENTIANCE_DATASETS


@dataclass(frozen=True)
class Provider:
    """A provider we receive from. `required` and `optional` name the fields of its secret."""

    name: str
    title: str
    base_url: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ("base_url",)
    fetches_offloads: bool = False
    datasets: tuple[Dataset, ...] = ()

    @property
    def id(self) -> str:
        """Its name in CamelCase, for construct ids and stack outputs."""
        return "".join(word.capitalize() for word in self.name.split("_"))

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
    )
}


def table_name(provider: str, dataset: str) -> str:
    return f"{provider}_{dataset}"
