"""A provider's daily offloads: fetched by schedule, or for any range of days on request."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from infra import offload_states
from infra.bus import Bus
from infra.function import Functions, TelematicsFunction
from infra.machine import Machine
from infra.providers import ProviderAccess
from infra.schedules import Schedules
from infra.stages import Retries
from infra.states import State
from infra.storage import Storage
from telematics.catalog import Provider


class Offloads(Construct):
    """Plan, then for each day: fetch each file, account for the day."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        access: ProviderAccess,
        functions: Functions,
        storage: Storage,
        bus: Bus,
        schedules: Schedules,
        retries: Retries,
    ) -> None:
        super().__init__(scope, id)
        self._provider = provider
        self._functions = functions
        ours = {"PROVIDER": provider.name, "LEDGER_TABLE": storage.ledger.table_name}
        theirs = {"PROVIDER_BASE_URL": access.base_url, "SECRET_ARN": access.secret_arn}
        told = {"BUS_NAME": bus.bus.event_bus_name}
        kept = {"RAW_BUCKET": storage.raw.bucket_name}
        self.plan = self._function("plan_offloads", 5, ours | theirs)
        self.fetch = self._function("fetch_offload", 15, ours | theirs | told | kept)
        self.account = self._function("account_offloads", 1, ours | told)
        day = offload_states.offload_day(
            provider=provider.name,
            ledger=storage.ledger.table_name,
            fetch=self.fetch.function_arn,
            account=self.account.function_arn,
            retries=retries,
        )
        self.day_machine = self._machine("OffloadDay", Duration.hours(12), day)
        days = offload_states.offloads(
            plan=self.plan.function_arn,
            offload_day=self.day_machine.state_machine_arn,
            retries=retries,
        )
        self.machine = self._machine("Offloads", Duration.days(7), days)
        schedules.daily(
            f"{provider.id}Offloads",
            hour=6,
            start=self.machine,
            description=f"{provider.title}'s offloads of the last complete days.",
        )

    def _function(
        self, verb: str, minutes: int, environment: Mapping[str, str]
    ) -> TelematicsFunction:
        return TelematicsFunction(
            self,
            f"{verb.title().replace('_', '')}{self._provider.id}",
            verb=verb,
            shared=self._functions,
            timeout=Duration.minutes(minutes),
            memory_mb=512,
            environment=environment,
        )

    def _machine(self, name: str, timeout: Duration, states: State) -> Machine:
        return Machine(
            self,
            f"{name}{self._provider.id}",
            states=states,
            timeout=timeout,
            alarms=self._functions.alarms,
        )
