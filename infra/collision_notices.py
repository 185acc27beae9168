"""Collisions that a provider tells of by itself: their details are asked for, if that is on."""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.announcements import objects_created
from infra.flow import Flow, Site
from infra.identity import resource_of
from telematics.catalog import Provider

ON, OFF = "ENABLED", "DISABLED"
WORTH_ASKING = Duration.hours(12)
ATTEMPTS = 20


class CollisionNotices(Flow):
    """A notification is in raw -> a function that claims a request; a rule that can be off."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, site: Site, is_on: bool
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        state = self._parameter(
            "AsksByItself",
            "Whether a notification of a collision has its details asked for.",
            default=ON if is_on else OFF,
            pattern=f"{ON}|{OFF}",
        )
        self.notice = self._function(
            "notice_collision",
            minutes=1,
            environment={
                "PROVIDER": provider.name,
                "RAW_BUCKET": site.storage.raw.bucket_name,
                "TASKS_TABLE": site.storage.tasks.table_name,
                "BUS_NAME": site.bus.bus.event_bus_name,
            },
        )
        kept = [f"{provider.name}/{dataset}/" for dataset in provider.notified]
        rule = events.Rule(
            self,
            "NotificationKept",
            event_pattern=objects_created(site.storage.raw, kept),
            targets=[
                targets.LambdaFunction(
                    self.notice,
                    dead_letter_queue=site.functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_ASKING,
                )
            ],
        )
        cast(events.CfnRule, resource_of(rule)).state = state
