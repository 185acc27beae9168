"""Functions, and what they all share."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import arrow
from infra.acknowledgments import acknowledge
from infra.layers import Layers
from infra.monitoring import Advice, Alarms
from infra.queues import DeadLetters

CODE = Path(__file__).parent.parent / "functions"


class Functions(Construct):
    """What all functions share: their code, their layers, and where failed calls of them go."""

    def __init__(self, scope: Construct, id: str, *, layers: Layers, alarms: Alarms) -> None:
        super().__init__(scope, id)
        self.layers = layers
        self.alarms = alarms
        self.dead_letters = DeadLetters(
            self, "DeadLetters", of="functions called in the background", alarms=alarms
        )
        self.code = lambda_.Code.from_asset(
            str(CODE),
            exclude=["__init__.py", "__pycache__", "*.pyc"],
            ignore_mode=IgnoreMode.GLOB,
        )


class TelematicsFunction(lambda_.Function):
    """One verb of `functions/`, with a role and a log of its own.

    It `rings` only if somebody calls it who does not tell of its failures, since each alarm is paid
    for. These tell: a machine, whose executions that fail are told to the owner; an API, whose
    answers of 5xx ring; a queue and a rule, whose last attempt leaves a dead letter; a deployment,
    which fails.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        verb: str,
        shared: Functions,
        timeout: Duration,
        memory_mb: int,
        environment: Mapping[str, str],
        uses_lake: bool = False,
        rings: bool = False,
        disk: Size | None = None,
    ) -> None:
        self.own_role = _role(scope, f"{id}Role")
        super().__init__(
            scope,
            id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=shared.code,
            handler=f"{verb}.handler",
            layers=shared.layers.with_lake if uses_lake else shared.layers.of_every_function,
            timeout=timeout,
            memory_size=memory_mb,
            ephemeral_storage_size=disk,
            tracing=lambda_.Tracing.ACTIVE,
            dead_letter_queue=shared.dead_letters,
            role=self.own_role,
            log_group=_log(scope, f"{id}Log"),
            environment={
                "POWERTOOLS_SERVICE_NAME": verb,
                "POWERTOOLS_METRICS_NAMESPACE": "Telematics",
                "LOG_LEVEL": "INFO",
                **(arrow.ENVIRONMENT if uses_lake else {}),
                **environment,
            },
        )
        self.log_group.grant_write(self)
        if rings:
            shared.alarms.ring(
                self,
                "Errors",
                on=self.metric_errors(period=Duration.minutes(5)),
                tells=Advice(
                    because=f"{id} raised an error.",
                    do="Read its log.",
                    section="failed-functions",
                ),
            )

    def may(self, *actions: str, on: str | list[str], keys: str = "") -> None:
        """Allow exactly these actions on exactly these resources; of a table, on such items."""
        resources = [on] if isinstance(on, str) else on
        only = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}} if keys else None
        self.add_to_role_policy(
            iam.PolicyStatement(actions=list(actions), resources=resources, conditions=only)
        )

    def acknowledge(self, finding: str, reason: str) -> None:
        """Mean what cdk-nag finds in what this function may do."""
        acknowledge(self.own_role, finding, reason)


def _role(scope: Construct, id: str) -> iam.Role:
    role = iam.Role(scope, id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "X-Ray knows no resources; writing traces is the only permission on all.",
    )
    return role


def _log(scope: Construct, id: str) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        id,
        retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=RemovalPolicy.DESTROY,
    )
