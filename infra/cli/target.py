"""Where the stack is: found by its CloudFormation outputs, in the sandbox and on AWS alike."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from infra.cli import console
from infra.cli.exits import TargetMissing

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

    from tests.sandbox.state import Running

SANDBOX_KEY = "test"  # the emulator accepts any
UP = "telematics sandbox up"


@dataclass(frozen=True)
class Deployment:
    """A stack that is there, and the clients that reach it."""

    label: str
    session: "Session"
    endpoint: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_sandbox(self) -> bool:
        return self.endpoint is not None

    def output(self, name: str) -> str:
        try:
            return self.outputs[name]
        except KeyError:
            raise TargetMissing(
                f"{self.label} has no output {name}: it was deployed from other sources,"
                " deploy it again"
            ) from None

    @property
    def api_url(self) -> str:
        """The private API's, without a slash at its end."""
        return self._reachable(self.output("ApiUrl"))

    def webhook_urls(self) -> dict[str, str]:
        """Where each webhook that the stack has is called, by `<provider>/<webhook>`.

        A token in it is spelt `{token}`: keys.webhook_urls puts in what is configured.
        """
        from telematics.catalog import PROVIDERS

        return {
            f"{provider.name}/{webhook.name}": self._reachable(url)
            for provider in PROVIDERS.values()
            for webhook in provider.webhooks
            if (url := self.outputs.get(f"WebhookUrl{provider.id}{_camel_case(webhook.name)}"))
        }

    def _reachable(self, url: str) -> str:
        """The emulator serves an API at another address than CloudFormation tells."""
        from telematics.addresses import served

        return served(url, self.endpoint)

    @cached_property
    def ledger(self) -> "Table":
        dynamodb = self.session.resource("dynamodb", endpoint_url=self.endpoint, config=_patience())
        return dynamodb.Table(self.output("LedgerTable"))

    @cached_property
    def tasks(self) -> "Table":
        dynamodb = self.session.resource("dynamodb", endpoint_url=self.endpoint, config=_patience())
        return dynamodb.Table(self.output("TasksTable"))

    @cached_property
    def users(self) -> "Table":
        dynamodb = self.session.resource("dynamodb", endpoint_url=self.endpoint, config=_patience())
        return dynamodb.Table(self.output("UsersTable"))

    @cached_property
    def objects(self) -> "S3Client":
        return self.session.client("s3", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def machines(self) -> "SFNClient":
        return self.session.client("stepfunctions", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self.session.client("secretsmanager", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def queues(self) -> "SQSClient":
        return self.session.client("sqs", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def functions(self) -> "LambdaClient":
        return self.session.client("lambda", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def events(self) -> "EventBridgeClient":
        return self.session.client("events", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def metrics(self) -> "CloudWatchClient":
        return self.session.client("cloudwatch", endpoint_url=self.endpoint, config=_patience())

    @cached_property
    def athena(self) -> "AthenaClient":
        return self.session.client("athena", endpoint_url=self.endpoint, config=_patience())


def _camel_case(name: str) -> str:
    return name.title().replace("_", "")


def _patience() -> "Config":
    from botocore.config import Config

    return Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"})


def find(sandbox: bool | None) -> Deployment:
    """The sandbox of this checkout while it runs, else AWS, unless told which."""
    running = None if sandbox is False else running_sandbox()
    if sandbox and running is None:
        raise TargetMissing(f"no sandbox is running in this checkout: start it with `{UP}`")
    deployment = _in_sandbox(running) if running else _on_aws(chosen=sandbox is False)
    if console.watched():
        console.err().print(f"[dim]using {deployment.label}[/]")
    return deployment


def stack_name() -> str:
    return os.environ.get("TELEMATICS_STACK") or "telematics"


def running_sandbox() -> "Running | None":
    """This checkout's sandbox, while it runs."""
    from tests.sandbox import state

    return state.running()


def _in_sandbox(running: "Running") -> Deployment:
    from boto3 import Session

    session = Session(
        aws_access_key_id=SANDBOX_KEY,
        aws_secret_access_key=SANDBOX_KEY,
        region_name=running.region,
    )
    return _described(session, running.endpoint, f"the sandbox at {running.endpoint}")


def _on_aws(*, chosen: bool) -> Deployment:
    session = _aws_session(chosen=chosen)
    return _described(session, None, f"AWS in {session.region_name}")


def _aws_session(*, chosen: bool) -> "Session":
    from boto3 import Session
    from botocore.exceptions import BotoCoreError

    try:
        # Other tools obey AWS_REGION too; boto3 alone knows only AWS_DEFAULT_REGION.
        session = Session(region_name=os.environ.get("AWS_REGION") or None)
        credentials = session.get_credentials()
    except BotoCoreError as error:  # a profile that is not there, an unreadable configuration
        raise TargetMissing(f"AWS credentials: {error}") from error
    if credentials is None:
        beside = "" if chosen else f"no sandbox is running here (`{UP}` starts one), and "
        raise TargetMissing(f"{beside}there are no AWS credentials (set AWS_PROFILE or sign in)")
    if session.region_name is None:
        raise TargetMissing("no AWS region is set: set AWS_REGION, like AWS_REGION=eu-west-1")
    return session


def _described(session: "Session", endpoint: str | None, label: str) -> Deployment:
    from botocore.exceptions import BotoCoreError, ClientError

    cloudformation = session.client("cloudformation", endpoint_url=endpoint, config=_patience())
    name = stack_name()
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "does not exist" in message:
            message = "deploy it, or name another one with TELEMATICS_STACK"
        raise TargetMissing(f"no stack {name!r} in {label}: {message}") from error
    except BotoCoreError as error:
        raise TargetMissing(f"{label} does not answer: {error}") from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
    if not outputs:
        raise TargetMissing(
            f"the stack {name!r} in {label} is {stack['StackStatus']}: wait for it, or deploy again"
        )
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", ())}
    return Deployment(label, session, endpoint, outputs, parameters)
