"""A provider's events, asked for each hour, or for any range of days on request."""

from aws_cdk import Duration
from constructs import Construct

from infra import states
from infra.flow import Flow, Site
from infra.stages import Retries
from telematics.catalog import Provider


class Sync(Flow):
    """One function that asks for what is new, again and again while there is more."""

    def __init__(self, scope: Construct, id: str, *, provider: Provider, site: Site) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        self.ask = self._function(
            "sync_events",
            minutes=15,
            environment={
                **self._reaching,
                **site.access[provider].media,
                "RAW_BUCKET": site.storage.raw.bucket_name,
                "LEDGER_TABLE": site.storage.ledger.table_name,
                "MEDIA_BUCKET": site.storage.media.bucket_name,
                "TASKS_TABLE": site.storage.tasks.table_name,
            },
        )
        self.machine = self._machine(
            "Sync",
            states=sync(ask=self.ask.function_arn, retries=site.retries),
            timeout=Duration.days(2),
        )
        site.schedules.hourly(
            f"{provider.id}Sync",
            start=self.machine,
            description=f"{provider.title}'s events since the last time.",
        )


COUNTS = ("listed", "new", "stored_files", "failed_files")


def sync(*, ask: str, retries: Retries) -> states.State:
    """Days are given or left to the function, which knows by itself how far it came.

    What it counted in each round is added up.
    """
    added = ", ".join(
        f"'{name}': $sum([$states.result.Payload.{name}, $states.input.{name}])" for name in COUNTS
    )
    return {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                **states.call(ask, "{% $states.context.Execution.Input %}", retries),
                "Output": f"{{% $merge([$states.result.Payload, {{{added}}}]) %}}",
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
