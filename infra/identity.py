"""Logical ids that must not change: under another one, CloudFormation makes a new resource."""

from typing import cast

from aws_cdk import CfnResource
from constructs import Construct


def resource_of(construct: Construct) -> CfnResource:
    """The one CloudFormation resource that a construct is about."""
    return cast(CfnResource, construct.node.default_child)


def pin(construct: Construct, logical_id: str) -> None:
    """Keep a resource the same, wherever its construct moves."""
    resource_of(construct).override_logical_id(logical_id)
