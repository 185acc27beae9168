"""Who looks for what needs an operator, and tells of it."""

import json
from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.flow import Site
from infra.function import TelematicsFunction
from infra.monitoring import Advice
from infra.queues import DeadLetters
from infra.users import Users


class Watch(Construct):
    """Every hour: ledger, tasks, users, secrets' tags and dead letters -> the alarms' topic."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        site: Site,
        users: Users,
        dead_letters: Mapping[str, DeadLetters],
    ) -> None:
        super().__init__(scope, id)
        alarms = site.functions.alarms
        secrets = {provider.name: one.secret_arn for provider, one in site.access.items()}
        letters = {name: queue.queue_url for name, queue in dead_letters.items()}
        self.look = TelematicsFunction(
            self,
            "WatchDesk",
            verb="watch_desk",
            shared=site.functions,
            timeout=Duration.minutes(5),
            memory_mb=512,
            environment={
                "LEDGER_TABLE": site.storage.ledger.table_name,
                "TASKS_TABLE": site.storage.tasks.table_name,
                "WATCHED_SECRETS": json.dumps(secrets),
                "WATCHED_LETTERS": json.dumps(letters),
                "ALARM_TOPIC": alarms.topic.topic_arn,
            },
        )
        self._let_look(site, users, dead_letters)
        site.schedules.call_hourly(
            "WatchDesk", call=self.look, description="Look for what needs an operator."
        )
        alarms.ring(
            self.look,
            "Attention",
            on=cloudwatch.Metric(
                namespace="Telematics",
                metric_name="Problems",
                dimensions_map={"service": "watch_desk"},
                statistic="Maximum",
                period=Duration.hours(1),
            ),
            # It is told of once an hour: of two hours one may lie between two looks.
            hours=2,
            tells=Advice(
                because="Something needs an operator.",
                do="Ask `telematics status`, which says what and what helps.",
                section="attention",
            ),
        )

    def _let_look(self, site: Site, users: Users, dead_letters: Mapping[str, DeadLetters]) -> None:
        storage, look = site.storage, self.look
        look.may("dynamodb:Query", on=[storage.ledger.table_arn, storage.tasks_by_open])
        # Of all tasks only what was told of before.
        look.may(
            "dynamodb:GetItem", "dynamodb:UpdateItem", on=storage.tasks.table_arn, keys="notice-*"
        )
        users.let_list(look)
        look.may(
            "secretsmanager:DescribeSecret", on=[one.secret_arn for one in site.access.values()]
        )
        look.may("sqs:GetQueueAttributes", on=[one.queue_arn for one in dead_letters.values()])
        look.may("sns:Publish", on=site.functions.alarms.topic.topic_arn)
