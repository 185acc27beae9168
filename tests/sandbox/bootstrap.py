"""What a deployment needs of `cdk bootstrap`: a bucket for files, and a version.

With the names and logical ids of the real one, so that `cdk bootstrap` finds a stack to update."""

import json

from botocore.exceptions import ClientError

from tests.sandbox.aws import Aws

STACK = "CDKToolkit"
VERSION = "32"
ACCOUNT = "000000000000"


def bucket_name(region: str) -> str:
    return f"cdk-hnb659fds-assets-{ACCOUNT}-{region}"


def ensure(aws: Aws) -> None:
    try:
        aws.cloudformation.describe_stacks(StackName=STACK)
    except ClientError:
        aws.cloudformation.create_stack(StackName=STACK, TemplateBody=_template(aws.region))
        aws.cloudformation.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def _template(region: str) -> str:
    resources = {
        "StagingBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": bucket_name(region)},
        },
        "CdkBootstrapVersion": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Name": "/cdk-bootstrap/hnb659fds/version",
                "Type": "String",
                "Value": VERSION,
            },
        },
    }
    outputs = {
        "BucketName": {"Value": {"Ref": "StagingBucket"}},
        "BootstrapVersion": {"Value": VERSION},
    }
    return json.dumps({"Resources": resources, "Outputs": outputs})
