"""A synthesized template, as the tests want to read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telematics.catalog import Provider

Properties = Mapping[str, Any]  # CloudFormation's JSON


@dataclass(frozen=True)
class Template:
    """`body` is the template; its resources are told apart by logical id.

    `providers` are those that it was made for.
    """

    body: Mapping[str, Any]
    providers: Mapping[str, Provider]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        resources: Mapping[str, Mapping[str, Any]] = self.body["Resources"]
        return resources

    def of_type(self, kind: str) -> dict[str, Properties]:
        return {
            id: resource.get("Properties", {})
            for id, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def one(self, kind: str) -> Properties:
        [properties] = self.of_type(kind).values()
        return properties

    def named(self, part: str, kind: str) -> Properties:
        """The one resource of a kind whose logical id contains a text."""
        [properties] = (found for id, found in self.of_type(kind).items() if part in id)
        return properties

    @property
    def functions(self) -> dict[str, Properties]:
        return self.of_type("AWS::Lambda::Function")

    @property
    def machines(self) -> dict[str, Properties]:
        return self.of_type("AWS::StepFunctions::StateMachine")

    @property
    def rules(self) -> dict[str, Properties]:
        return self.of_type("AWS::Events::Rule")

    @property
    def tables(self) -> dict[str, Properties]:
        return self.of_type("AWS::DynamoDB::Table")

    @property
    def buckets(self) -> dict[str, Properties]:
        return self.of_type("AWS::S3::Bucket")

    @property
    def queues(self) -> dict[str, Properties]:
        return self.of_type("AWS::SQS::Queue")

    @property
    def alarms(self) -> dict[str, Properties]:
        return self.of_type("AWS::CloudWatch::Alarm")

    def statements(self, role: str) -> list[Mapping[str, Any]]:
        """What the policies attached to a role say."""
        return [
            statement
            for policy in self.of_type("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def definition(self, machine: str) -> Mapping[str, Any]:
        """A machine's states, with `<LogicalId.Attribute>` where CloudFormation fills in."""
        states: Mapping[str, Any] = json.loads(flat(self.machines[machine]["DefinitionString"]))
        return states


def listed(value: Any) -> list[Any]:
    """Policies write a list of one without the list."""
    return value if isinstance(value, list) else [value]


def referred(value: Mapping[str, Any]) -> str:
    """The logical id that a Ref or an Fn::GetAtt is about."""
    id: str = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
    return id


def flat(value: Any) -> str:
    """A value as text, intrinsic functions written as `<LogicalId.Attribute>`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        joined: str = separator.join(flat(part) for part in parts)
        return joined
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return f"<{value['Ref']}>"
