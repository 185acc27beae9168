"""Logical ids that must not change, since CloudFormation would make anew; names in ids."""

from typing import cast

from aws_cdk import CfnResource
from constructs import Construct


def resource_of(construct: Construct) -> CfnResource:
    """The one CloudFormation resource that a construct is about."""
    return cast(CfnResource, construct.node.default_child)


def pin(construct: Construct, logical_id: str) -> None:
    """Keep a resource the same, wherever its construct goes."""
    resource_of(construct).override_logical_id(logical_id)


def camel_case(name: str) -> str:
    """A name of the catalogue, as ids of constructs and outputs spell it."""
    return name.title().replace("_", "")
