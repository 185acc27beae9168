"""A provider's daily offloads: fetched by schedule, or for any range of days on request."""

from aws_cdk import Duration
from constructs import Construct

from infra import offload_states
from infra.flow import Flow, Site
from telematics.catalog import Provider


class Offloads(Flow):
    """Plan, then for each day: fetch each file, account for the day."""

    def __init__(self, scope: Construct, id: str, *, provider: Provider, site: Site) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        ledger = site.storage.ledger.table_name
        ours = {"PROVIDER": provider.name, "LEDGER_TABLE": ledger}
        theirs = self._reaching
        told = {"BUS_NAME": site.bus.bus.event_bus_name}
        kept = {"RAW_BUCKET": site.storage.raw.bucket_name}
        self.plan = self._function("plan_offloads", minutes=5, environment=ours | theirs)
        self.fetch = self._function(
            "fetch_offload", minutes=15, environment=ours | theirs | told | kept
        )
        self.account = self._function("account_offloads", minutes=1, environment=ours | told)
        day = offload_states.offload_day(
            provider=provider.name,
            ledger=ledger,
            fetch=self.fetch.function_arn,
            account=self.account.function_arn,
            retries=site.retries,
        )
        self.day_machine = self._machine("OffloadDay", states=day, timeout=Duration.hours(12))
        days = offload_states.offloads(
            plan=self.plan.function_arn,
            offload_day=self.day_machine.state_machine_arn,
            retries=site.retries,
        )
        self.machine = self._machine("Offloads", states=days, timeout=Duration.days(7))
        site.schedules.daily(
            f"{provider.id}Offloads",
            hour=6,
            start=self.machine,
            description=f"{provider.title}'s offloads of the last complete days.",
        )
