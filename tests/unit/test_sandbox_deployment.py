"""A deployment that fails says which resource and why; one that isn't needed does nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.assembly import Assembly, Asset
from tests.sandbox.aws import Aws
from tests.sandbox.deployment import Deployment
from tests.sandbox.errors import DeploymentFailed
from tests.sandbox.progress import Silent


class Account:
    """CloudFormation and S3, as far as a deployment asks them."""

    def __init__(self, *statuses: str, refusal: str = "") -> None:
        self.statuses = list(statuses)  # what `telematics` is, each time it is asked for
        self.refusal = refusal
        self.calls: list[str] = []
        self.parameters: list[dict[str, str]] = []
        self.objects: dict[tuple[str, str], bytes] = {}
        self.events: list[dict[str, str]] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        if StackName == "CDKToolkit":
            return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == "NONE":
            raise error("Stack with id telematics does not exist")
        return {"Stacks": [{"StackStatus": status}]}

    def create_stack(self, **given: Any) -> None:
        self._begin("create", given)

    def update_stack(self, **given: Any) -> None:
        self._begin("update", given)

    def delete_stack(self, **_: Any) -> None:
        self.calls.append("delete")

    def get_paginator(self, name: str) -> "Account":
        assert name == "describe_stack_events"
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"StackEvents": self.events}

    def head_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        if (Bucket, Key) not in self.objects:
            raise error("Not Found")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.calls.append(f"put {Key}")
        self.objects[Bucket, Key] = Body

    def _begin(self, verb: str, given: dict[str, Any]) -> None:
        if self.refusal:
            raise error(self.refusal)
        self.calls.append(verb)
        self.parameters = given["Parameters"]


def error(message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "Some")


class Made(Assembly):
    """An assembly of one template."""

    @property
    def assets(self) -> list[Asset]:
        bucket = "assets-${AWS::AccountId}-${AWS::Region}"
        return [Asset(self.folder / "telematics.template.json", bucket, "t.json", zipped=False)]

    @property
    def resources(self) -> int:
        return 2


@pytest.fixture
def assembly(tmp_path: Path) -> Made:
    (tmp_path / "telematics.template.json").write_text("{}")
    return Made(tmp_path)


def run(account: Account, assembly: Made) -> None:
    aws = Aws("http://127.0.0.1:4566")
    aws.__dict__.update(cloudformation=account, objects=account)
    Deployment(aws, assembly, Silent()).run({"SentianceBaseUrl": "http://127.0.0.1:4567"})


def test_what_is_not_there_is_created_with_its_parameters(assembly: Made) -> None:
    account = Account("NONE", "NONE", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    run(account, assembly)
    assert account.calls == ["put t.json", "create"]
    assert account.objects == {("assets-000000000000-eu-west-1", "t.json"): b"{}"}
    (parameter,) = account.parameters
    assert parameter["ParameterKey"] == "SentianceBaseUrl"


def test_what_is_there_is_updated_and_uploaded_files_are_not_sent_again(assembly: Made) -> None:
    account = Account("CREATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE")
    account.objects["assets-000000000000-eu-west-1", "t.json"] = b"{}"
    run(account, assembly)
    assert account.calls == ["update"]


def test_what_is_as_it_should_be_is_left_alone(assembly: Made) -> None:
    account = Account("UPDATE_COMPLETE", refusal="No updates are to be performed.")
    run(account, assembly)
    assert "create" not in account.calls


def test_a_first_deployment_that_was_interrupted_begins_again(assembly: Made) -> None:
    account = Account("CREATE_IN_PROGRESS", "NONE", "NONE", "CREATE_COMPLETE")
    run(account, assembly)
    assert account.calls == ["put t.json", "delete", "create"]


def test_a_refused_template_says_why(assembly: Made) -> None:
    with pytest.raises(DeploymentFailed, match="refused: Template format error"):
        run(Account("NONE", refusal="Template format error: no Resources"), assembly)


def test_a_failure_names_the_resource_and_the_reason(assembly: Made) -> None:
    account = Account("CREATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")

    def event(name: str, status: str, reason: str) -> dict[str, str]:
        return {
            "LogicalResourceId": name,
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }

    account.events = [
        event("Lake", "UPDATE_FAILED", "Resource update cancelled"),
        event("Raw", "UPDATE_FAILED", "the name is taken"),
        event("telematics", "UPDATE_IN_PROGRESS", "User Initiated"),
        event("Old", "CREATE_FAILED", "another time"),
    ]
    with pytest.raises(DeploymentFailed) as failure:
        run(account, assembly)
    assert str(failure.value) == (
        "the stack ended as UPDATE_ROLLBACK_COMPLETE:\n  Raw (AWS::S3::Bucket): the name is taken"
    )
