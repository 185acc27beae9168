"""HTTP APIs, and what all of them share."""

import json
from typing import cast

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.function import TelematicsFunction
from infra.identity import pin, resource_of
from infra.monitoring import Advice, Alarms

# No path, which may name a trip; no header, which may carry a signature; no address; no body.
LOGGED = {
    "requestId": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
}


class HttpApi(apigatewayv2.HttpApi):
    """One throttled stage, whose log says which route was called and how that ended.

    An answer of 5xx rings, be it given by a function or in place of one that failed. Under another
    logical id it would get another address, which others were told.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        description: str,
        calls_per_second: int,
        alarms: Alarms,
        failing: Advice,
        authorizer: apigatewayv2.IHttpRouteAuthorizer | None = None,
    ) -> None:
        name = f"{Stack.of(scope).stack_name}-{id}"
        super().__init__(
            scope,
            id,
            api_name=name,
            description=description,
            default_authorizer=authorizer,
            create_default_stage=False,
        )
        pin(self, id)
        stage = apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=calls_per_second, burst_limit=2 * calls_per_second
            ),
        )
        cast(apigatewayv2.CfnStage, resource_of(stage)).access_log_settings = _log(
            scope, f"{id}Log", name
        )
        alarms.ring(
            self,
            "Failing",
            on=self.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            tells=failing,
        )

    def serve(self, *calls: str, by: TelematicsFunction) -> None:
        """Each call is a method and a path: `POST /webhooks/acme/trips`."""
        integration = integrations.HttpLambdaIntegration(by.node.id, by)
        for call in calls:
            method, path = call.split()
            self.add_routes(
                path=path,
                methods=[apigatewayv2.HttpMethod(method)],
                integration=integration,
            )


def _log(scope: Construct, id: str, name: str) -> apigatewayv2.CfnStage.AccessLogSettingsProperty:
    log = logs.LogGroup(
        scope,
        id,
        # Under this name API Gateway may write without a policy for each log of its own.
        log_group_name=f"/aws/vendedlogs/apis/{name}",
        retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=RemovalPolicy.DESTROY,
    )
    place = Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=log.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return apigatewayv2.CfnStage.AccessLogSettingsProperty(
        destination_arn=place, format=json.dumps(LOGGED)
    )
