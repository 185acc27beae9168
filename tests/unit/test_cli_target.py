"""The stack is found by its outputs; when it isn't there, it is said what would help."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.cli import target
from infra.cli.exits import TargetMissing
from tests.sandbox.state import Running
from tests.unit.cli_program import Program, telematics
from tests.unit.cli_stack import OUTPUTS, WEBHOOKS, deployed

__all__ = ["telematics"]

RUNNING = Running("http://127.0.0.1:4566", datetime(2023, 6, 4, tzinfo=UTC), ready=True)
STACK = {
    "StackStatus": "CREATE_COMPLETE",
    "Outputs": [{"OutputKey": "Database", "OutputValue": "telematics"}],
    "Parameters": [{"ParameterKey": "SentianceBaseUrl", "ParameterValue": "http://here"}],
}


class Session:
    """An account: whether one can sign in to it, and the stack that is in it."""

    region_name: str | None = "eu-west-1"
    credentials: object | None = object()
    answer: Any = STACK  # a stack, or what is raised
    asked: str = ""

    def __init__(self, **given: str | None) -> None:
        self.given = given

    def get_credentials(self) -> object | None:
        return self.credentials

    def client(self, name: str, **_: object) -> "Session":
        assert name == "cloudformation"
        return self

    def describe_stacks(self, *, StackName: str) -> dict[str, list[Any]]:  # noqa: N803
        Session.asked = StackName
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Stacks": [self.answer]}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """AWS with a stack, and no sandbox."""
    monkeypatch.setattr(boto3, "Session", Session)
    monkeypatch.setattr(target, "running_sandbox", lambda: None)
    monkeypatch.delenv("TELEMATICS_STACK", raising=False)
    return monkeypatch


def test_a_running_sandbox_is_the_default(account: pytest.MonkeyPatch) -> None:
    account.setattr(target, "running_sandbox", lambda: RUNNING)
    found = target.find(None)
    assert found.in_sandbox
    assert found.endpoint == "http://127.0.0.1:4566"
    assert found.parameters == {"SentianceBaseUrl": "http://here"}
    assert not target.find(sandbox=False).in_sandbox


def test_without_a_sandbox_it_is_aws(account: pytest.MonkeyPatch) -> None:
    found = target.find(None)
    assert found.label == "AWS in eu-west-1"
    assert found.output("Database") == "telematics"


def test_another_stack_can_be_named(account: pytest.MonkeyPatch) -> None:
    account.setenv("TELEMATICS_STACK", "telematics-test")
    target.find(None)
    assert Session.asked == "telematics-test"


def missing_stack() -> ClientError:
    error = {"Error": {"Code": "ValidationError", "Message": "Stack telematics does not exist"}}
    return ClientError(error, "DescribeStacks")  # type: ignore[arg-type]  # a part of a response


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"credentials": None}, "telematics sandbox up.*no AWS credentials"),
        ({"region_name": None}, "AWS_REGION=eu-west-1"),
        ({"answer": missing_stack()}, "no stack 'telematics' in AWS in eu-west-1: deploy it"),
        ({"answer": EndpointConnectionError(endpoint_url="http://x")}, "does not answer"),
        ({"answer": {"StackStatus": "CREATE_IN_PROGRESS"}}, "is CREATE_IN_PROGRESS: wait"),
    ],
)
def test_what_is_not_there_is_said_with_what_would_help(
    account: pytest.MonkeyPatch, changes: dict[str, object], message: str
) -> None:
    for name, value in changes.items():
        account.setattr(Session, name, value)
    with pytest.raises(TargetMissing, match=message):
        target.find(None)


def test_a_sandbox_that_does_not_run_is_not_replaced_by_aws(
    account: pytest.MonkeyPatch, telematics: Program
) -> None:
    for arguments in (("--sandbox", "status"), ("status", "--sandbox")):
        ended = telematics(*arguments)
        assert ended.code == 4
        assert "telematics sandbox up" in ended.err


def test_an_output_that_is_not_there_asks_for_another_deployment(
    account: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(TargetMissing, match="no output LedgerTable"):
        target.find(None).output("LedgerTable")


def test_webhooks_and_the_private_api_are_where_the_emulator_serves_them() -> None:
    stack = deployed()
    assert stack.webhook_urls() == WEBHOOKS
    assert stack.api_url == "http://127.0.0.1:1/_aws/execute-api/desk1/$default"


def test_on_aws_they_are_where_the_stack_says() -> None:
    stack = replace(deployed(), endpoint=None)
    assert stack.webhook_urls() == {
        "move/timeline": OUTPUTS["WebhookUrlMoveTimeline"],
        "move/notifications": OUTPUTS["WebhookUrlMoveNotifications"],
    }
    assert stack.api_url == OUTPUTS["ApiUrl"]


def test_a_stack_without_webhooks_has_no_urls_of_them() -> None:
    stack = replace(deployed(), outputs={"Database": "telematics"})
    assert stack.webhook_urls() == {}
    with pytest.raises(TargetMissing, match="no output ApiUrl"):
        _ = stack.api_url
