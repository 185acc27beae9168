"""The synthesized stack, brought into the emulator: upload its files, create or update, wait."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.sandbox import bootstrap
from tests.sandbox.assembly import STACK, Assembly, Asset
from tests.sandbox.aws import Aws
from tests.sandbox.errors import DeploymentFailed
from tests.sandbox.progress import Progress

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ParameterTypeDef,
        StackEventTypeDef,
        StackTypeDef,
    )

DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
SECONDS = 20 * 60
LOOK_EVERY_SECONDS = 0.1
CANCELLED = "cancelled"  # the resources that CloudFormation gave up because another one failed


@dataclass(frozen=True)
class Deployment:
    """One deployment of an assembly."""

    aws: Aws
    assembly: Assembly
    progress: Progress

    def run(self, parameters: Mapping[str, str]) -> None:
        bootstrap.ensure(self.aws)
        for asset in self.assembly.assets:
            self._upload(asset)
        self._clear_the_way()
        if self._begin(parameters):
            stack = self._finished()
            if stack is None or stack["StackStatus"] not in DEPLOYED:
                raise DeploymentFailed(self._failure(stack))

    def _upload(self, asset: Asset) -> None:
        """Keys are made from content: what is there is right."""
        bucket, key = self._named(asset.bucket), asset.key
        try:
            self.aws.objects.head_object(Bucket=bucket, Key=key)
        except ClientError:
            self.aws.objects.put_object(Bucket=bucket, Key=key, Body=asset.content())

    def _named(self, bucket: str) -> str:
        named = bucket.replace("${AWS::AccountId}", bootstrap.ACCOUNT)
        return named.replace("${AWS::Region}", self.aws.region)

    def _clear_the_way(self) -> None:
        """A stack that was being made when the emulator stopped is never finished."""
        stack = self._stack()
        if stack and stack["StackStatus"] in ("CREATE_IN_PROGRESS", "CREATE_FAILED"):
            self.progress.detail("removing what an interrupted deployment left")
            self.aws.cloudformation.delete_stack(StackName=STACK)
            self._finished()

    def _begin(self, parameters: Mapping[str, str]) -> bool:
        """False when the stack is already as it should be."""
        template = self.assembly.template
        place = f"{self._named(template.bucket)}/{template.key}"
        url = f"{self.aws.endpoint}/{place}"
        listed: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        cloudformation = self.aws.cloudformation
        stack = self._stack()
        begin = cloudformation.update_stack if stack else cloudformation.create_stack
        try:
            begin(
                StackName=STACK,
                TemplateURL=url,
                Parameters=listed,
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            )
        except ClientError as error:
            message = error.response["Error"].get("Message", str(error))
            if "No updates are to be performed" in message:
                return False
            raise DeploymentFailed(f"the stack was refused: {message}") from error
        return True

    def _finished(self) -> "StackTypeDef | None":
        deadline = time.monotonic() + SECONDS
        total = self.assembly.resources
        while time.monotonic() < deadline:
            stack = self._stack()
            if stack is None or not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            events = list(self._events())
            done = sum(event["ResourceStatus"].endswith("COMPLETE") for event in events)
            now = events[0]["LogicalResourceId"] if events else "nothing yet"
            self.progress.detail(f"{min(done, total)} of {total} resources, at {now}")
            time.sleep(LOOK_EVERY_SECONDS)
        raise DeploymentFailed(f"the stack is not finished after {SECONDS // 60} minutes")

    def _stack(self) -> "StackTypeDef | None":
        try:
            return self.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _events(self) -> "Iterator[StackEventTypeDef]":
        """Of this deployment, newest first."""
        pages = self.aws.cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=STACK):
            for event in page["StackEvents"]:
                yield event
                if event.get("ResourceStatusReason") == "User Initiated":
                    return

    def _failure(self, stack: "StackTypeDef | None") -> str:
        if stack is None:
            return "the stack was deleted while it was deployed"
        reasons = [
            f"{event['LogicalResourceId']} ({event.get('ResourceType', 'resource')}):"
            f" {event.get('ResourceStatusReason') or 'no reason given'}"
            for event in self._events()
            if event["ResourceStatus"].endswith("_FAILED")
            and CANCELLED not in event.get("ResourceStatusReason", "")
        ]
        why = reasons or [stack.get("StackStatusReason") or "no reason given"]
        return "\n  ".join([f"the stack ended as {stack['StackStatus']}:", *reversed(why)])
