"""New objects, told to who works on them."""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.queues import DeadLetters, WorkQueue
from infra.storage import Bucket


class ObjectsCreated(events.Rule):
    """Each object created in a bucket, under certain prefixes if some are given, is a message."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: Bucket,
        prefixes: Sequence[str] = (),
        queue: WorkQueue,
        dead_letters: DeadLetters,
    ) -> None:
        super().__init__(
            scope,
            id,
            event_pattern=objects_created(bucket, prefixes),
            targets=[targets.SqsQueue(queue, dead_letter_queue=dead_letters)],
        )


def objects_created(bucket: Bucket, prefixes: Sequence[str] = ()) -> events.EventPattern:
    keys = [{"prefix": prefix} for prefix in prefixes]
    return events.EventPattern(
        source=["aws.s3"],
        detail_type=["Object Created"],
        detail={
            "bucket": {"name": [bucket.bucket_name]},
            **({"object": {"key": keys}} if keys else {}),
        },
    )
