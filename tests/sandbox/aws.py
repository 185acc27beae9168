"""Clients of the emulator, untouched by what the machine has configured for AWS."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config

from tests.sandbox.state import KEY, REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

DIRECT = Config(proxies={}, connect_timeout=5, read_timeout=60, retries={"mode": "standard"})


@dataclass(frozen=True)
class Aws:
    """Each client is made when first used."""

    endpoint: str
    region: str = REGION

    @cached_property
    def session(self) -> boto3.Session:
        none = (None, None, None, None)
        nowhere = (None, None, os.devnull, None)
        settings = {"profile": none, "config_file": nowhere, "credentials_file": nowhere}
        return boto3.Session(
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
            region_name=self.region,
            botocore_session=botocore.session.Session(session_vars=settings),
        )

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        return self.session.client("cloudformation", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self.session.client("dynamodb", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def events(self) -> "EventBridgeClient":
        return self.session.client("events", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def functions(self) -> "LambdaClient":
        return self.session.client("lambda", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def glue(self) -> "GlueClient":
        return self.session.client("glue", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        return self.session.client("logs", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def machines(self) -> "SFNClient":
        return self.session.client("stepfunctions", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def objects(self) -> "S3Client":
        return self.session.client("s3", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def queues(self) -> "SQSClient":
        return self.session.client("sqs", endpoint_url=self.endpoint, config=DIRECT)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self.session.client("secretsmanager", endpoint_url=self.endpoint, config=DIRECT)
