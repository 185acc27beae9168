"""What CloudFormation has to be allowed for each kind of resource: to make, read, change, remove.

As its own resource types declare it, without what their properties here never ask for. Keys are
put into secrets by `telematics configure`: a deployment neither reads nor writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SYNTHESIZER = "hnb659fds"  # CDK's own qualifier, unless somebody bootstraps with another one
ASSETS = f"arn:aws:s3:::cdk-{SYNTHESIZER}-assets-*/*"
BOOTSTRAP = f"arn:aws:ssm:*:*:parameter/cdk-bootstrap/{SYNTHESIZER}/version"

CUSTOM = "Custom::"  # how the kinds begin that a function of ours makes

# Who is handed a role of ours, by the kind of resource that names one.
PASSED_TO = {
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::Scheduler::Schedule": "scheduler.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
}
# CloudFormation names these without the stack's name.
NAMED_BY_LOGICAL_ID = {
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:*:*:layer:{}*",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:*:*:secret:{}*",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:*:*:stateMachine:{}*",
}


@dataclass(frozen=True, kw_only=True)
class Need:
    """Of some kinds of resources: services' words for each step, separated by blanks.

    What `holds_data` is a policy of its own: all together are too long for one.
    """

    name: str
    kinds: tuple[str, ...]
    service: str
    holds_data: bool = False
    make: str
    read: str
    change: str
    remove: str
    on: tuple[str, ...] = ()
    condition: Mapping[str, object] = field(default_factory=dict)

    def is_of(self, kind: str) -> bool:
        return kind in self.kinds or (CUSTOM in self.kinds and kind.startswith(CUSTOM))

    @property
    def actions(self) -> list[str]:
        words = f"{self.make} {self.read} {self.change} {self.remove}".split()
        return [f"{self.service}:{word}" for word in dict.fromkeys(words)]


NEEDS = (
    Need(
        name="Apis",
        kinds=tuple(
            f"AWS::ApiGatewayV2::{one}" for one in ("Api", "Integration", "Route", "Stage")
        ),
        service="apigateway",
        make="POST PUT TagResource",
        read="GET",
        change="PATCH PUT TagResource UntagResource",
        remove="DELETE",
        # It names APIs itself.
        on=("arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*"),
    ),
    Need(
        name="LogDelivery",  # of what an API or a machine logs; the service knows no resources
        kinds=("AWS::ApiGatewayV2::Stage", "AWS::StepFunctions::StateMachine"),
        service="logs",
        make="CreateLogDelivery PutResourcePolicy",
        read="GetLogDelivery ListLogDeliveries DescribeResourcePolicies DescribeLogGroups",
        change="UpdateLogDelivery",
        remove="DeleteLogDelivery",
        on=("*",),
    ),
    Need(
        name="Queries",
        kinds=("AWS::Athena::NamedQuery", "AWS::Athena::WorkGroup"),
        service="athena",
        holds_data=True,
        make="CreateNamedQuery CreateWorkGroup TagResource",
        read="GetNamedQuery GetWorkGroup ListTagsForResource",
        change="UpdateNamedQuery UpdateWorkGroup UntagResource",
        remove="DeleteNamedQuery DeleteWorkGroup",
        on=("arn:aws:athena:*:*:workgroup/telematics",),
    ),
    Need(
        name="Budget",
        kinds=("AWS::Budgets::Budget",),
        service="budgets",
        make="ModifyBudget TagResource",
        read="ViewBudget ListTagsForResource",
        change="ModifyBudget UntagResource",
        remove="ModifyBudget",
        on=("arn:aws:budgets::*:budget/telematics",),
    ),
    Need(
        name="Alarms",
        kinds=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"),
        service="cloudwatch",
        make="PutMetricAlarm PutDashboard TagResource",
        read="DescribeAlarms GetDashboard ListTagsForResource",
        change="PutMetricAlarm PutDashboard UntagResource",
        remove="DeleteAlarms DeleteDashboards",
        on=(
            "arn:aws:cloudwatch:*:*:alarm:telematics-*",
            "arn:aws:cloudwatch::*:dashboard/telematics",
        ),
    ),
    Need(
        name="Tables",
        kinds=("AWS::DynamoDB::Table",),
        service="dynamodb",
        holds_data=True,
        make="CreateTable TagResource",
        read="DescribeTable DescribeContinuousBackups DescribeTimeToLive ListTagsOfResource"
        " DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy",
        change="UpdateTable UpdateContinuousBackups UpdateTimeToLive UntagResource",
        remove="DeleteTable",
        on=("arn:aws:dynamodb:*:*:table/telematics-*",),
    ),
    Need(
        name="Events",
        kinds=("AWS::Events::Archive", "AWS::Events::EventBus", "AWS::Events::Rule"),
        service="events",
        make="CreateArchive CreateEventBus PutRule PutTargets TagResource",
        read="DescribeArchive DescribeEventBus DescribeRule ListTargetsByRule ListTagsForResource",
        change="UpdateArchive UpdateEventBus PutRule PutTargets RemoveTargets UntagResource",
        remove="DeleteArchive DeleteEventBus DeleteRule RemoveTargets",
        on=(
            "arn:aws:events:*:*:archive/telematics",
            "arn:aws:events:*:*:event-bus/telematics",
            "arn:aws:events:*:*:rule/telematics-*",
            "arn:aws:events:*:*:rule/telematics/*",
        ),
    ),
    Need(
        name="Catalogue",
        kinds=("AWS::Glue::Database",),
        service="glue",
        holds_data=True,
        make="CreateDatabase",
        read="GetDatabase",
        change="UpdateDatabase",
        remove="DeleteDatabase",
        on=(
            "arn:aws:glue:*:*:catalog",
            "arn:aws:glue:*:*:database/telematics",
            "arn:aws:glue:*:*:table/telematics/*",
            "arn:aws:glue:*:*:userDefinedFunction/telematics/*",
        ),
    ),
    Need(
        name="Roles",
        kinds=("AWS::IAM::Policy", "AWS::IAM::Role"),
        service="iam",
        make="CreateRole PutRolePolicy TagRole",
        read="GetRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies",
        change="UpdateRole UpdateAssumeRolePolicy PutRolePolicy UntagRole",
        remove="DeleteRole DeleteRolePolicy",
        on=("arn:aws:iam::*:role/telematics-*",),
    ),
    Need(
        name="Functions",
        kinds=("AWS::Lambda::Function", "AWS::Lambda::Permission", CUSTOM),
        service="lambda",
        make="CreateFunction AddPermission TagResource InvokeFunction",
        read="GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig GetPolicy ListTags"
        " GetFunctionRecursionConfig GetRuntimeManagementConfig",
        change="UpdateFunctionCode UpdateFunctionConfiguration UntagResource InvokeFunction",
        remove="DeleteFunction RemovePermission InvokeFunction",
        on=("arn:aws:lambda:*:*:function:telematics-*",),
    ),
    Need(
        name="Layers",
        kinds=("AWS::Lambda::LayerVersion",),
        service="lambda",
        make="PublishLayerVersion",
        read="GetLayerVersion",
        change="PublishLayerVersion",
        remove="DeleteLayerVersion",
    ),
    Need(
        name="Mappings",  # their names are Lambda's own: told apart by whom they call
        kinds=("AWS::Lambda::EventSourceMapping",),
        service="lambda",
        make="CreateEventSourceMapping",
        read="GetEventSourceMapping",
        change="UpdateEventSourceMapping",
        remove="DeleteEventSourceMapping",
        on=("*",),
        condition={"ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:*:*:function:telematics-*"}},
    ),
    Need(
        name="Logs",
        kinds=("AWS::Logs::LogGroup",),
        service="logs",
        holds_data=True,
        make="CreateLogGroup PutRetentionPolicy TagResource",
        read="DescribeLogGroups ListTagsForResource GetDataProtectionPolicy DescribeIndexPolicies",
        change="PutRetentionPolicy DeleteRetentionPolicy UntagResource",
        remove="DeleteLogGroup",
        on=(
            "arn:aws:logs:*:*:log-group:telematics-*",
            "arn:aws:logs:*:*:log-group:/aws/vendedlogs/*/telematics-*",
        ),
    ),
    Need(
        name="Buckets",
        kinds=("AWS::S3::Bucket", "AWS::S3::BucketPolicy"),
        service="s3",
        holds_data=True,
        make="CreateBucket PutBucketPolicy PutEncryptionConfiguration PutLifecycleConfiguration"
        " PutBucketVersioning PutBucketPublicAccessBlock PutBucketOwnershipControls"
        " PutBucketNotification PutBucketTagging",
        read="ListBucket GetBucketPolicy GetEncryptionConfiguration GetLifecycleConfiguration"
        " GetBucketVersioning GetBucketPublicAccessBlock GetBucketOwnershipControls"
        " GetBucketNotification GetBucketTagging GetBucketLocation",
        change="PutBucketPolicy PutLifecycleConfiguration PutBucketVersioning",
        remove="DeleteBucket DeleteBucketPolicy",
        on=("arn:aws:s3:::telematics-*",),
    ),
    Need(
        name="Topics",
        kinds=("AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"),
        service="sns",
        holds_data=True,
        make="CreateTopic Subscribe SetTopicAttributes TagResource",
        read="GetTopicAttributes GetSubscriptionAttributes GetDataProtectionPolicy"
        " ListSubscriptionsByTopic ListTagsForResource",
        change="SetTopicAttributes SetSubscriptionAttributes UntagResource",
        remove="DeleteTopic Unsubscribe",
        on=("arn:aws:sns:*:*:telematics-*",),
    ),
    Need(
        name="Queues",
        kinds=("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"),
        service="sqs",
        holds_data=True,
        make="CreateQueue SetQueueAttributes TagQueue",
        read="GetQueueAttributes GetQueueUrl ListQueueTags",
        change="SetQueueAttributes UntagQueue",
        remove="DeleteQueue",
        on=("arn:aws:sqs:*:*:telematics-*",),
    ),
    Need(
        name="Schedules",
        kinds=("AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup"),
        service="scheduler",
        make="CreateSchedule CreateScheduleGroup TagResource",
        read="GetSchedule GetScheduleGroup ListTagsForResource",
        change="UpdateSchedule UntagResource",
        remove="DeleteSchedule DeleteScheduleGroup",
        on=(
            "arn:aws:scheduler:*:*:schedule/telematics-*",
            "arn:aws:scheduler:*:*:schedule-group/telematics-*",
        ),
    ),
    Need(
        name="Secrets",
        kinds=("AWS::SecretsManager::Secret",),
        service="secretsmanager",
        holds_data=True,
        make="CreateSecret TagResource",
        read="DescribeSecret",
        change="UpdateSecret UntagResource",
        remove="DeleteSecret",
        on=("arn:aws:secretsmanager:*:*:secret:telematics/*",),
    ),
    Need(
        name="Keys",  # the key of identities is made by AWS, from what belongs to nobody
        kinds=("AWS::SecretsManager::Secret",),
        service="secretsmanager",
        holds_data=True,
        make="GetRandomPassword",
        read="",
        change="",
        remove="",
        on=("*",),
    ),
    Need(
        name="Machines",
        kinds=("AWS::StepFunctions::StateMachine",),
        service="states",
        make="CreateStateMachine TagResource",
        read="DescribeStateMachine ListStateMachineVersions ListTagsForResource",
        change="UpdateStateMachine UntagResource",
        remove="DeleteStateMachine",
    ),
)
