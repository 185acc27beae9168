"""What cdk-nag finds and we mean: each exception with its reason.

A finding's id names what it is about (`[Resource::<Raw.Arn>/*]`), so none covers more than it says.
"""

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

EVERYWHERE = {
    "AwsSolutions-L1": "Python 3.13 until every pinned wheel of the layers exists for a later one.",
    "AwsSolutions-S1": (
        "Access logs would repeat object keys of personal data in one more bucket that erasure "
        "had to reach; CloudTrail data events answer the same question where an owner needs it."
    ),
    "AwsSolutions-SF1": (
        "Only errors are logged, without execution data: the history of each execution is kept by "
        "Step Functions itself, and nothing a provider sent should reach a log."
    ),
    "AwsSolutions-SMG4": (
        "A provider's keys come from its own portal; nothing here rotates them. With another key "
        "of identities nobody would be found again."
    ),
    "AwsSolutions-IAM5[Resource::<Raw.Arn>/*]": "Convert reads the objects of the raw bucket.",
    "AwsSolutions-IAM5[Resource::<Lake.Arn>/*]": "Tables are files of the lake bucket.",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/telematics/*]": (  # noqa: E501 an id
        "Tables of our own database: one a dataset, also of datasets that nobody declared."
    ),
}


def acknowledge(scope: IConstruct, finding: str, reason: str) -> None:
    Validations.of(scope).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledge_everywhere(stack: Stack) -> None:
    for finding, reason in EVERYWHERE.items():
        acknowledge(stack, finding, reason)
