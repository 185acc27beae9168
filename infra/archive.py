"""What was told on the bus, kept for a while so that it can be told again."""

from aws_cdk import CfnParameter
from aws_cdk import aws_events as events
from constructs import Construct

POINTERS = ("Offload Stored", "Offload Day Complete", "Timeline Received")
KEYED_HASHES = (
    "User Registered",
    "User Blocked",
    "User Unblocked",
    "User Erasure Requested",
    "User Erased",
)
# What somebody wrote, as a reason or in a request of their own, may name a person.
PATTERN = {
    "$or": [
        {"detail-type": [*POINTERS, *KEYED_HASHES]},
        {"detail-type": ["Clip Stored"], "detail": {"state": ["stored"]}},
        {"detail-type": ["Collision Received"], "detail": {"reason": [""]}},
        {
            "detail-type": ["Collision Requested"],
            "detail": {"collision_id": [{"exists": True}], "user_id": [{"exists": False}]},
        },
    ]
}


class EventArchive(Construct):
    """Only what names nobody by itself: nothing can be taken out of an archive again."""

    def __init__(self, scope: Construct, id: str, *, bus: events.IEventBus) -> None:
        super().__init__(scope, id)
        days = CfnParameter(
            self,
            "Days",
            type="Number",
            default=30,
            min_value=1,
            max_value=365,
            description="For how many days events are kept to be replayed.",
        )
        days.override_logical_id("EventArchiveDays")
        events.CfnArchive(
            self,
            "Archive",
            archive_name="telematics",
            description="What was told on the bus, for a replay.",
            source_arn=bus.event_bus_arn,
            event_pattern=PATTERN,
            retention_days=days.value_as_number,
        )
