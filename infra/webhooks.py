"""What providers call: the only public way in, authenticated by what they sign or know."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.acknowledgments import acknowledge
from infra.function import Functions, TelematicsFunction
from infra.http_api import HttpApi
from infra.identity import camel_case
from infra.monitoring import Advice
from infra.providers import ProviderAccess
from infra.storage import Storage
from telematics.catalog import Provider

CALLS_PER_SECOND = 100
REFUSALS_AN_HOUR = 5


class Webhooks(Construct):
    """`POST /webhooks/<provider>...` -> the provider's `receive_webhook` -> raw."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        access: Mapping[Provider, ProviderAccess],
        functions: Functions,
        storage: Storage,
    ) -> None:
        super().__init__(scope, id)
        self.api = HttpApi(
            self,
            "WebhookApi",
            description="Where providers call us.",
            calls_per_second=CALLS_PER_SECOND,
            alarms=functions.alarms,
            # Refusing for a reason of ours is an answer, not an error of the function.
            failing=Advice(
                because="A webhook could not be taken in; its sender has to send it again.",
                do="See whether `telematics configure` is still to come, then read the log.",
                section="webhook-failures",
            ),
        )
        acknowledge(
            self.api,
            "AwsSolutions-APIG4",
            "Providers can't sign for IAM: receive_webhook checks the body or a token.",
        )
        self._ring_when_refusing(functions)
        self.receive: Mapping[Provider, TelematicsFunction] = {
            one: self._receive(one, where.secret_arn, functions, storage)
            for one, where in access.items()
            if one.webhooks
        }

    def _ring_when_refusing(self, functions: Functions) -> None:
        """One that is refused now and then is somebody who tries doors."""
        functions.alarms.ring(
            self.api,
            "Refusing",
            on=cloudwatch.Metric(
                namespace="Telematics",
                metric_name="WebhookRefused",
                dimensions_map={"service": "receive_webhook"},
                statistic="Sum",
                period=Duration.hours(1),
            ),
            at=REFUSALS_AN_HOUR,
            tells=Advice(
                because="Webhooks are refused: what comes is not signed as we expect.",
                do="Compare the provider's secret with ours, or `telematics webhook rotate`.",
                section="webhook-refusals",
            ),
        )

    @property
    def outputs(self) -> dict[str, str]:
        """Where each webhook is called, for who configures its sender."""
        urls = {
            f"WebhookUrl{provider.id}{camel_case(webhook.name)}": webhook.route(provider.name)
            for provider in self.receive
            for webhook in provider.webhooks
        }
        return {
            "WebhookApiId": self.api.api_id,
            **{name: self.api.api_endpoint + where for name, where in urls.items()},
        }

    def _receive(
        self, provider: Provider, secret_arn: str, functions: Functions, storage: Storage
    ) -> TelematicsFunction:
        receive = TelematicsFunction(
            self,
            f"ReceiveWebhook{provider.id}",
            verb="receive_webhook",
            shared=functions,
            timeout=Duration.seconds(10),
            memory_mb=1024,  # for the processor that comes with it: senders wait
            environment={
                "PROVIDER": provider.name,
                "SECRET_ARN": secret_arn,
                "RAW_BUCKET": storage.raw.bucket_name,
                **({"TASKS_TABLE": storage.tasks.table_name} if provider.collisions else {}),
            },
            rings=False,  # a webhook that fails does
        )
        calls = (f"POST {webhook.route(provider.name)}" for webhook in provider.webhooks)
        self.api.serve(*calls, by=receive)
        return receive
