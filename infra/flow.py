"""A provider's ways through the stack, and what the stack has for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import CfnParameter, Duration, Size
from constructs import Construct

from infra.bus import Bus
from infra.function import Functions, TelematicsFunction
from infra.identity import camel_case
from infra.lake import Lake
from infra.machine import Machine
from infra.providers import ProviderAccess
from infra.schedules import Schedules
from infra.stages import Retries
from infra.states import State
from infra.storage import Storage
from telematics.catalog import Provider


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is there once, whatever is built on it."""

    access: Mapping[Provider, ProviderAccess]
    functions: Functions
    storage: Storage
    lake: Lake
    bus: Bus
    schedules: Schedules
    retries: Retries


class Flow(Construct):
    """One way of one provider: functions and machines, named by what they do and for whom."""

    def __init__(self, scope: Construct, id: str, *, provider: Provider, site: Site) -> None:
        super().__init__(scope, id)
        self._provider = provider
        self._site = site
        access = site.access[provider]
        self._reaching = {  # what a function has to know that asks the provider
            "PROVIDER": provider.name,
            "PROVIDER_BASE_URL": access.base_url,
            "SECRET_ARN": access.secret_arn,
        }

    def _function(
        self,
        verb: str,
        *,
        minutes: int,
        environment: Mapping[str, str],
        memory_mb: int = 512,
        uses_lake: bool = False,
        rings: bool = False,
        disk: Size | None = None,
    ) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            f"{camel_case(verb)}{self._provider.id}",
            verb=verb,
            shared=self._site.functions,
            timeout=Duration.minutes(minutes),
            memory_mb=memory_mb,
            environment=environment,
            uses_lake=uses_lake,
            rings=rings,
            disk=disk,
        )

    def _parameter(self, name: str, description: str, *, default: str, pattern: str) -> str:
        """Of the deployment, under the provider's name."""
        parameter = CfnParameter(
            self, name, description=description, default=default, allowed_pattern=pattern
        )
        parameter.override_logical_id(f"{self._provider.id}{name}")
        return parameter.value_as_string

    def _machine(self, name: str, *, states: State, timeout: Duration) -> Machine:
        return Machine(
            self,
            f"{name}{self._provider.id}",
            states=states,
            timeout=timeout,
            alarms=self._site.functions.alarms,
        )
