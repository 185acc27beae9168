"""State machines."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct

from infra.acknowledgments import acknowledge
from infra.function import TelematicsFunction
from infra.identity import resource_of
from infra.monitoring import Alarms

JSONATA = "JSONata"


class Machine(sfn.StateMachine):
    """A Standard state machine in JSONata, with a role of its own; what fails tells the owner."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        states: Mapping[str, object],
        timeout: Duration,
        alarms: Alarms,
    ) -> None:
        role = iam.Role(scope, f"{id}Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "X-Ray and the delivery of logs know no resources; neither reads or writes data.",
        )
        definition = {
            "QueryLanguage": JSONATA,
            "TimeoutSeconds": timeout.to_seconds(),
            **states,
        }
        super().__init__(
            scope,
            id,
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(scope).to_json_string(definition)
            ),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    scope,
                    f"{id}Log",
                    log_group_name=f"/aws/vendedlogs/states/{Stack.of(scope).stack_name}-{id}",
                    retention=logs.RetentionDays.THREE_MONTHS,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        alarms.follow(self.state_machine_arn)

    def may_call(self, *functions: TelematicsFunction) -> None:
        self.may("lambda:InvokeFunction", on=[function.function_arn for function in functions])

    def may_run(self, machine: "Machine") -> None:
        """Start executions of another machine and wait for them to end."""
        stack = Stack.of(self)
        # The name by which Step Functions itself follows the executions that it waits for.
        followed = stack.format_arn(
            service="events",
            resource="rule",
            resource_name="StepFunctionsGetEventsForStepFunctionsExecutionRule",
        )
        self.may("states:StartExecution", on=machine.state_machine_arn)
        self.may("states:DescribeExecution", "states:StopExecution", on=machine.executions)
        machine.acknowledge_executions(self.role)
        self.may("events:PutTargets", "events:PutRule", "events:DescribeRule", on=followed)

    @property
    def executions(self) -> str:
        return Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{self.state_machine_name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def acknowledge_executions(self, where: IConstruct) -> None:
        logical_id = Stack.of(self).resolve(resource_of(self).logical_id)
        acknowledge(
            where,
            "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:"
            f"<AWS::AccountId>:execution:<{logical_id}.Name>:*]",
            "The executions of one machine, whose names are not known before they start.",
        )

    def may_be_followed_by(self, function: TelematicsFunction) -> None:
        """One that it calls itself, and so is made before it: a policy of its own as well."""
        policy = iam.Policy(
            self,
            "Follows",
            roles=[function.own_role],
            statements=[
                iam.PolicyStatement(
                    actions=["states:DescribeExecution"], resources=[self.executions]
                )
            ],
        )
        self.acknowledge_executions(policy)

    def may_be_answered_by(self, *functions: TelematicsFunction) -> None:
        """Functions that end a wait of its executions, some of which it calls itself.

        The machine is made after those, and they after what else they may do. So this is a policy
        of its own, which comes last.
        """
        iam.Policy(
            self,
            "Answers",
            roles=[function.own_role for function in functions],
            statements=[
                iam.PolicyStatement(
                    actions=["states:SendTaskSuccess"], resources=[self.state_machine_arn]
                )
            ],
        )

    def may(self, *actions: str, on: str | list[str]) -> None:
        """Allow exactly these actions on exactly these resources."""
        resources = [on] if isinstance(on, str) else on
        self.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
