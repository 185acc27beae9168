"""What starts by the clock."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from infra.acknowledgments import acknowledge
from infra.function import TelematicsFunction
from infra.machine import Machine
from infra.monitoring import Advice, Alarms, count
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
            tells=Advice(
                because="A schedule could neither start its work nor leave a dead letter.",
                do="Start the work by hand.",
                section="lost-schedules",
            ),
        )

    def daily(self, id: str, *, hour: int, start: Machine, description: str) -> None:
        """Start a machine each day within half an hour after a full hour, UTC."""
        self._start(
            id, start, description, hour=str(hour), within=Duration.minutes(30), worth_hours=6
        )

    def hourly(self, id: str, *, start: Machine, description: str) -> None:
        """Start a machine each hour within its first quarter; a start that is late is none."""
        self._start(id, start, description, hour="*", within=Duration.minutes(15), worth_hours=1)

    def call_hourly(self, id: str, *, call: TelematicsFunction, description: str) -> None:
        """Call a function likewise; a call that fails is a dead letter of functions."""
        role = iam.Role(
            self, f"{id}Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")
        )
        for actions, on in (
            ("lambda:InvokeFunction", call.function_arn),
            ("sqs:SendMessage", self.dead_letters.queue_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=[actions], resources=[on]))
        self._start(
            id,
            call,
            description,
            hour="*",
            within=Duration.minutes(15),
            worth_hours=1,
            # As it is: otherwise it might call every version of the function.
            role=role.without_policy_updates(),
        )

    def _start(
        self,
        id: str,
        what: Machine | TelematicsFunction,
        description: str,
        *,
        hour: str,
        within: Duration,
        worth_hours: int,
        role: iam.IRole | None = None,
    ) -> None:
        how: dict[str, Any] = {  # Any: of many types, each checked by jsii
            "input": scheduler.ScheduleTargetInput.from_object({}),
            "retry_attempts": 10,
            "max_event_age": Duration.hours(worth_hours),
            "dead_letter_queue": self.dead_letters,
            "role": role,
        }
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
            target=targets.StepFunctionsStartExecution(what, **how)
            if isinstance(what, Machine)
            else targets.LambdaInvoke(what, **how),
        )
        # It names its group instead of referring to it, so CloudFormation can't see the order.
        schedule.node.add_dependency(self.group)
