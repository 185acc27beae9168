"""What starts by the clock."""

from aws_cdk import Duration, RemovalPolicy, TimeZone
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from infra.acknowledgments import acknowledge
from infra.machine import Machine
from infra.monitoring import Alarms, count
from infra.queues import DeadLetters


class Schedules(Construct):
    """A group of timers of our own, and what could not be started by them."""

    def __init__(self, scope: Construct, id: str, *, enabled: bool, alarms: Alarms) -> None:
        super().__init__(scope, id)
        self.enabled = enabled
        self.group = scheduler.ScheduleGroup(self, "Group", removal_policy=RemovalPolicy.DESTROY)
        self.dead_letters = DeadLetters(self, "DeadLetters", of="a schedule", alarms=alarms)
        acknowledge(
            self.dead_letters,
            "AwsSolutions-SQS3",
            "It holds the dead letters of schedules, which the rule doesn't look at.",
        )
        alarms.ring(
            self,
            "Lost",
            on=count(
                "AWS/Scheduler",
                "InvocationsFailedToBeSentToDeadLetterCount",
                ScheduleGroup=self.group.schedule_group_name,
            ),
            because="A schedule could neither start its work nor leave a dead letter.",
        )

    def daily(self, id: str, *, hour: int, start: Machine, description: str) -> None:
        """Start a machine each day within half an hour after a full hour, UTC."""
        self._start(
            id, start, description, hour=str(hour), within=Duration.minutes(30), worth_hours=6
        )

    def hourly(self, id: str, *, start: Machine, description: str) -> None:
        """Start a machine each hour within its first quarter; a start that is late is none."""
        self._start(id, start, description, hour="*", within=Duration.minutes(15), worth_hours=1)

    def _start(
        self,
        id: str,
        machine: Machine,
        description: str,
        *,
        hour: str,
        within: Duration,
        worth_hours: int,
    ) -> None:
        schedule = scheduler.Schedule(
            self,
            id,
            schedule=scheduler.ScheduleExpression.cron(
                minute="0", hour=hour, time_zone=TimeZone.ETC_UTC
            ),
            time_window=scheduler.TimeWindow.flexible(within),
            schedule_group=self.group,
            enabled=self.enabled,
            description=description,
            target=targets.StepFunctionsStartExecution(
                machine,
                input=scheduler.ScheduleTargetInput.from_object({}),
                retry_attempts=10,
                max_event_age=Duration.hours(worth_hours),
                dead_letter_queue=self.dead_letters,
            ),
        )
        # It names its group instead of referring to it, so CloudFormation can't see the order.
        schedule.node.add_dependency(self.group)
