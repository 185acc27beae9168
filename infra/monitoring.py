"""Alarms: every way in which work can fail tells the owner."""

from dataclasses import dataclass

from aws_cdk import CfnCondition, CfnParameter, Duration, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from telematics.attention.problem import runbook

FAILURES = ["FAILED", "TIMED_OUT", "ABORTED"]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What an alarm tells: what has happened, what to do, and where the runbook says more."""

    because: str
    do: str
    section: str

    @property
    def text(self) -> str:
        return f"{self.because} {self.do} {runbook(self.section)}"


class Alarms(Construct):
    """The topic on which everything that went wrong is announced, by e-mail where one is given."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        # Not encrypted with a key: CloudWatch may not use the AWS managed one, and our own would
        # cost more than all alarms. Alarms name resources, never people.
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self.all: list[cloudwatch.IAlarm] = []
        self.let_publish("cloudwatch.amazonaws.com")
        self._subscribe_owner()
        self._executions = self._failed_executions()

    def ring(
        self,
        watched: Construct,
        id: str,
        *,
        on: cloudwatch.IMetric,
        tells: Advice,
        at: float = 1,
        hours: int = 1,
    ) -> None:
        """Tell the owner as soon as the metric counts that much within one of its periods.

        `hours` is how many periods are looked at, of a metric that counts by the hour.
        """
        alarm = cloudwatch.Alarm(
            watched,
            id,
            metric=on,
            alarm_description=tells.text,
            threshold=at,
            evaluation_periods=hours,
            datapoints_to_alarm=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self.all.append(alarm)

    def follow(self, machine_arn: str) -> None:
        """Tell the owner of each execution of a machine that fails, takes too long or is aborted.

        One rule for all of them costs nothing; three alarms for each would be most of the bill.
        """
        self._executions.add_event_pattern(detail={"stateMachineArn": [machine_arn]})

    def _failed_executions(self) -> events.Rule:
        """Tells which execution and how it ended, but neither its input nor what it raised."""
        told = "An execution ended as {}: {} ({})".format(
            events.EventField.from_path("$.detail.status"),
            events.EventField.from_path("$.detail.executionArn"),
            runbook("failed-executions"),
        )
        rule = events.Rule(
            self,
            "FailedExecutions",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"status": FAILURES},
            ),
            targets=[
                targets.SnsTopic(
                    self.topic,
                    authorize_using_role=True,
                    message=events.RuleTargetInput.from_text(told),
                )
            ],
        )
        self.ring(
            rule,
            "Untold",
            on=count("AWS/Events", "FailedInvocations", RuleName=rule.rule_name),
            tells=Advice(
                because="An execution failed, and the owner could not be told of it at once.",
                do="Look for it in the console of Step Functions.",
                section="untold-executions",
            ),
        )
        return rule

    def let_publish(self, service: str) -> None:
        """Only for this account."""
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )

    def _subscribe_owner(self) -> None:
        email = CfnParameter(
            self,
            "Email",
            default="",
            description="Who is told by e-mail when something fails; leave empty for nobody.",
        )
        email.override_logical_id("AlarmEmail")
        given = CfnCondition(
            self,
            "EmailGiven",
            expression=Fn.condition_not(Fn.condition_equals(email.value_as_string, "")),
        )
        subscription = sns.CfnSubscription(
            self,
            "Owner",
            topic_arn=self.topic.topic_arn,
            protocol="email",
            endpoint=email.value_as_string,
        )
        subscription.cfn_options.condition = given


def count(namespace: str, name: str, **dimensions: str) -> cloudwatch.Metric:
    """How often something happened within five minutes."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic="Sum",
        period=Duration.minutes(5),
    )
