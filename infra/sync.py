"""A provider's events, asked for each hour, or for any range of days on request."""

from aws_cdk import Duration
from constructs import Construct

from infra import states
from infra.function import Functions, TelematicsFunction
from infra.machine import Machine
from infra.providers import ProviderAccess
from infra.schedules import Schedules
from infra.stages import Retries
from infra.storage import Storage
from telematics.catalog import Provider


class Sync(Construct):
    """One function that asks for what is new, again and again while there is more."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        provider: Provider,
        access: ProviderAccess,
        functions: Functions,
        storage: Storage,
        schedules: Schedules,
        retries: Retries,
    ) -> None:
        super().__init__(scope, id)
        self.ask = TelematicsFunction(
            self,
            f"SyncEvents{provider.id}",
            verb="sync_events",
            shared=functions,
            timeout=Duration.minutes(15),
            memory_mb=512,
            environment={
                "PROVIDER": provider.name,
                "PROVIDER_BASE_URL": access.base_url,
                "SECRET_ARN": access.secret_arn,
                "RAW_BUCKET": storage.raw.bucket_name,
                "LEDGER_TABLE": storage.ledger.table_name,
                "MEDIA_BUCKET": storage.media.bucket_name,
                **access.media,
            },
            rings=False,  # an execution that fails is told
        )
        self.machine = Machine(
            self,
            f"Sync{provider.id}",
            states=sync(ask=self.ask.function_arn, retries=retries),
            timeout=Duration.days(2),
            alarms=functions.alarms,
        )
        schedules.hourly(
            f"{provider.id}Sync",
            start=self.machine,
            description=f"{provider.title}'s events since the last time.",
        )


def sync(*, ask: str, retries: Retries) -> states.State:
    """Days are given or left to the function, which knows by itself how far it came."""
    return {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                **states.call(ask, "{% $states.context.Execution.Input %}", retries),
                "Next": "IsThereMore",
            },
            "IsThereMore": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.more = true %}", "Next": "Ask"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }
