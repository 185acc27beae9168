"""Footage that is asked for by itself: an event with an impact, of a driver who is a user."""

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
WORTH_ASKING = Duration.hours(1)  # after that the events are asked for anyway
ATTEMPTS = 3


class ClipImpacts(Flow):
    """What tells of events is in raw -> a function that asks for clips; a rule that can be off."""

    def __init__(
        self, scope: Construct, id: str, *, provider: Provider, site: Site, is_on: bool
    ) -> None:
        super().__init__(scope, id, provider=provider, site=site)
        kinds = self._parameter(
            "ImpactTypes",
            "The types of events that are impacts, separated by commas.",
            default=",".join(provider.impact_types),
            pattern="[0-9a-z_,]*",
        )
        state = self._parameter(
            "ClipsOfImpacts",
            "Whether the footage of an impact is asked for by itself.",
            default=ON if is_on else OFF,
            pattern=f"{ON}|{OFF}",
        )
        self.answer = self._function(
            "answer_impact",
            minutes=2,
            environment={
                **self._reaching,
                "RAW_BUCKET": site.storage.raw.bucket_name,
                "TASKS_TABLE": site.storage.tasks.table_name,
                "BUS_NAME": site.bus.bus.event_bus_name,
                "IMPACT_TYPES": kinds,
            },
        )
        self._start_on_events(state)

    def _start_on_events(self, state: str) -> None:
        name = self._provider.name
        rule = events.Rule(
            self,
            "EventsKept",
            event_pattern=objects_created(
                self._site.storage.raw, [f"{name}/{dataset}/" for dataset in self._provider.impacts]
            ),
            targets=[
                targets.LambdaFunction(
                    self.answer,
                    dead_letter_queue=self._site.functions.dead_letters,
                    retry_attempts=ATTEMPTS,
                    max_event_age=WORTH_ASKING,
                )
            ],
        )
        cast(events.CfnRule, resource_of(rule)).state = state
