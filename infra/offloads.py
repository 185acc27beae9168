"""A provider's daily offloads: fetched by schedule, or for any range of days on request."""

from aws_cdk import Duration
from constructs import Construct

from infra import offload_states
from infra.bus import Bus
from infra.function import Functions, TelematicsFunction
from infra.machine import Machine
from infra.providers import ProviderAccess
from infra.schedules import Schedules
from infra.stages import Retries
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
        ours = {"PROVIDER": provider.name, "LEDGER_TABLE": storage.ledger.table_name}
        theirs = {"PROVIDER_BASE_URL": access.base_url, "SECRET_ARN": access.secret_arn}
        tell = {"BUS_NAME": bus.bus.event_bus_name}
        self.plan = TelematicsFunction(
            self,
            f"PlanOffloads{provider.id}",
            verb="plan_offloads",
            shared=functions,
            timeout=Duration.minutes(5),
            memory_mb=512,
            environment={**ours, **theirs},
        )
        self.fetch = TelematicsFunction(
            self,
            f"FetchOffload{provider.id}",
            verb="fetch_offload",
            shared=functions,
            timeout=Duration.minutes(15),
            memory_mb=512,
            environment={**ours, **theirs, **tell, "RAW_BUCKET": storage.raw.bucket_name},
        )
        self.account = TelematicsFunction(
            self,
            f"AccountOffloads{provider.id}",
            verb="account_offloads",
            shared=functions,
            timeout=Duration.minutes(1),
            memory_mb=256,
            environment={**ours, **tell},
        )
        self.day_machine = Machine(
            self,
            f"OffloadDay{provider.id}",
            states=offload_states.offload_day(
                provider=provider.name,
                ledger=storage.ledger.table_name,
                fetch=self.fetch.function_arn,
                account=self.account.function_arn,
                retries=retries,
            ),
            timeout=Duration.hours(12),
            alarms=functions.alarms,
        )
        self.machine = Machine(
            self,
            f"Offloads{provider.id}",
            states=offload_states.offloads(
                plan=self.plan.function_arn,
                offload_day=self.day_machine.state_machine_arn,
                retries=retries,
            ),
            timeout=Duration.days(7),
            alarms=functions.alarms,
        )
        schedules.daily(
            f"{provider.id}Offloads",
            hour=6,
            start=self.machine,
            description=f"{provider.title}'s offloads of the last complete days.",
        )
