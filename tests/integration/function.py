"""A function of the stack, to be broken, and to be kept from its queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True)
class DeployedFunction:
    """`name` is its whole name."""

    client: "LambdaClient"
    name: str

    @classmethod
    def find(cls, client: "LambdaClient", part: str) -> "DeployedFunction":
        """The only one with this in its name."""
        listed = client.get_paginator("list_functions").paginate()
        names = [one["FunctionName"] for page in listed for one in page["Functions"]]
        [name] = [name for name in names if part in name]
        return cls(client, name)

    @property
    def environment(self) -> Mapping[str, str]:
        found = self.client.get_function_configuration(FunctionName=self.name)
        return found["Environment"]["Variables"]

    def change(self, **variables: str) -> None:
        """The emulator ends calls of it that are under way."""
        changed = {**self.environment, **variables}
        self.client.update_function_configuration(
            FunctionName=self.name, Environment={"Variables": changed}
        )

    def take(self, *, is_on: bool) -> None:
        """From its queue, or no longer."""
        found = self.client.list_event_source_mappings(FunctionName=self.name)
        for one in found["EventSourceMappings"]:
            self.client.update_event_source_mapping(UUID=one["UUID"], Enabled=is_on)
