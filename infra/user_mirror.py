"""The lake sees users as they are: their stream -> mirror_users -> the table `user_links`."""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.flow import Site
from infra.function import TelematicsFunction
from infra.identity import resource_of
from infra.users import Users

AT_ONCE = 100  # as many as DynamoDB reads at once
WAIT = Duration.seconds(1)  # for more of them, since each commit costs the same
ATTEMPTS = 10


class UserMirror(Construct):
    """What can't be mirrored is halved until it is one user, and then is a dead letter."""

    def __init__(self, scope: Construct, id: str, *, site: Site, users: Users) -> None:
        super().__init__(scope, id)
        self.mirror = TelematicsFunction(
            self,
            "MirrorUsers",
            verb="mirror_users",
            shared=site.functions,
            timeout=Duration.minutes(1),
            memory_mb=1769,  # one whole core
            environment=site.lake.environment,
            uses_lake=True,
        )
        users.let_follow(self.mirror)
        stream = self.mirror.add_event_source_mapping(
            "Changes",
            event_source_arn=users.stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=AT_ONCE,
            max_batching_window=WAIT,
            bisect_batch_on_error=True,
            retry_attempts=ATTEMPTS,
        )
        mapping = cast(lambda_.CfnEventSourceMapping, resource_of(stream))
        # Where its failed calls would go as well, so that it may send there.
        mapping.destination_config = _failed_to(site.functions.dead_letters.queue_arn)
        # Lambda tries to read the stream when it is told of it.
        stream.node.add_dependency(self.mirror.own_role)


def _failed_to(queue_arn: str) -> lambda_.CfnEventSourceMapping.DestinationConfigProperty:
    return lambda_.CfnEventSourceMapping.DestinationConfigProperty(
        on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=queue_arn)
    )
