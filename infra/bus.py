"""The bus on which everything that happens is told, for the owner's other systems as well."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.monitoring import Alarms

GAPS = ["Offload Day Incomplete"]


class Bus(Construct):
    """The bus `telematics`. What tells of a gap in the data rings like an alarm."""

    def __init__(self, scope: Construct, id: str, *, alarms: Alarms) -> None:
        super().__init__(scope, id)
        self.bus = events.EventBus(self, "Bus", event_bus_name="telematics")
        events.Rule(
            self,
            "Gaps",
            event_bus=self.bus,
            event_pattern=events.EventPattern(detail_type=GAPS),
            targets=[targets.SnsTopic(alarms.topic, authorize_using_role=True)],
        )
