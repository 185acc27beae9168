"""Each night: what the lake has of a provider, against what the provider has."""

from aws_cdk import Duration, Size
from constructs import Construct

from infra import states
from infra.enrichment import Enrichment
from infra.flow import Flow, Site
from infra.stages import Retries
from telematics.catalog import Provider

DISK = Size.gibibytes(10)  # where what a million people have is sorted


class Reconciliation(Flow):
    """Plan whom to ask about; enrich asks. By schedule, or for any range of days on request."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        site: Site,
        enrichment: Enrichment,
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        self.plan = self._function(
            "plan_reconciliation",
            minutes=15,
            memory_mb=1769,  # one whole core
            environment={
                **site.lake.environment,
                "PROVIDER": provider.name,
                "LEDGER_TABLE": site.storage.ledger.table_name,
                "QUEUE_URL": enrichment.queue.queue_url,
            },
            uses_lake=True,
            disk=DISK,
        )
        self.machine = self._machine(
            "Reconciliation",
            states=reconciliation(plan=self.plan.function_arn, retries=site.retries),
            timeout=Duration.hours(6),
        )
        site.schedules.daily(
            f"{provider.id}Reconciliation",
            hour=3,
            start=self.machine,
            description=f"{provider.title}'s timelines of the last days, against the lake.",
        )


def reconciliation(*, plan: str, retries: Retries) -> states.State:
    """Days are given or left to the plan; its summary is the result."""
    return {
        "StartAt": "Plan",
        "States": {"Plan": {**states.call(plan, "{% $states.input %}", retries), "End": True}},
    }
