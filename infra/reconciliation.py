"""Each night: what the lake has of a provider, against what the provider has."""

from aws_cdk import Duration
from constructs import Construct

from infra import states
from infra.enrichment import Enrichment
from infra.function import Functions, TelematicsFunction
from infra.lake import Lake
from infra.machine import Machine
from infra.schedules import Schedules
from infra.stages import Retries
from infra.storage import Storage
from telematics.catalog import Provider


class Reconciliation(Construct):
    """Plan whom to ask about; enrich asks. By schedule, or for any range of days on request."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        enrichment: Enrichment,
        lake: Lake,
        functions: Functions,
        storage: Storage,
        schedules: Schedules,
        retries: Retries,
    ) -> None:
        super().__init__(scope, id)
        self.plan = TelematicsFunction(
            self,
            f"PlanReconciliation{provider.id}",
            verb="plan_reconciliation",
            shared=functions,
            timeout=Duration.minutes(15),
            memory_mb=1769,  # one whole core
            environment={
                **lake.environment,
                "PROVIDER": provider.name,
                "LEDGER_TABLE": storage.ledger.table_name,
                "QUEUE_URL": enrichment.queue.queue_url,
            },
            uses_lake=True,
        )
        self.machine = Machine(
            self,
            f"Reconciliation{provider.id}",
            states=reconciliation(plan=self.plan.function_arn, retries=retries),
            timeout=Duration.hours(6),
            alarms=functions.alarms,
        )
        schedules.daily(
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
