"""A deployed stack for the command line's tests: its answers are scripted, nothing is reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import ClientError

from infra.cli.target import Deployment
from tests.unit.fakes import holds

CALLED = "https://hook1.execute-api.eu-west-1.amazonaws.com"
OUTPUTS = {
    "LedgerTable": "ledger",
    "Database": "telematics",
    "Workgroup": "telematics",
    "LakeBucket": "lake",
    "QueueConvert": "queue/convert",
    "DeadLettersConvert": "dead/convert",
    "DeadLettersFunctions": "dead/functions",
    "SentianceSecret": "arn:secret",
    "OffloadsMachineSentiance": "arn:offloads",
    "MoveSecret": "arn:secret/move",
    "ReconciliationMachineMove": "arn:reconciliation",
    "QueueMerge": "queue/merge",
    "QueueEnrichMove": "queue/enrich",
    "DeadLettersEnrichMove": "dead/enrich",
    "ApiId": "desk1",
    "ApiUrl": "https://desk1.execute-api.eu-west-1.amazonaws.com",
    "WebhookApiId": "hook1",
    "WebhookUrlMoveTimeline": f"{CALLED}/webhooks/move/timeline",
    "WebhookUrlMoveNotifications": f"{CALLED}/webhooks/move/notifications",
}
WEBHOOKS = {
    name: f"http://127.0.0.1:1/_aws/execute-api/hook1/$default/webhooks/{name}"
    for name in ("move/timeline", "move/notifications")
}
# Of a stack that has the dashcams too.
WITH_DASHCAMS = {
    **OUTPUTS,
    "DashcamSecret": "arn:secret/dashcam",
    "SyncMachineDashcam": "arn:sync",
    "TasksTable": "tasks",
    "QueueEnrichDashcam": "queue/enrich/dashcam",
    "WebhookUrlDashcamMessages": f"{CALLED}/webhooks/dashcam/{{token}}",
    "WebhookUrlDashcamSignedMessages": f"{CALLED}/webhooks/dashcam",
}
BEGUN = datetime(2023, 6, 6, 8, 30, tzinfo=UTC)  # by the stack's clock
KEYS = '{"read_key": "read.key", "url_key": "url.key"}'

Item = dict[str, Any]  # as DynamoDB has it


def row(
    day: date,
    dataset: str,
    state: str,
    *,
    provider: str = "sentiance",
    name: str = "",
    **more: object,
) -> Item:
    name = name or f"{dataset}.csv.gz"
    return {
        "provider": provider,
        "file": f"{day}/{dataset}/{name}",
        "day": day.isoformat(),
        "dataset": dataset,
        "raw_key": f"{provider}/{dataset}/day={day}/{name}",
        "state": state,
        **more,
    }


@dataclass
class Ledger:
    """A table whose rows change each time somebody looks."""

    pages: Iterator[Sequence[Item]]
    now: Sequence[Item] = ()

    def query(self, *, KeyConditionExpression: ConditionBase, **_: object) -> Mapping[str, Any]:  # noqa: N803  # DynamoDB's spelling
        self.now = next(self.pages, self.now)
        whose, between = KeyConditionExpression.get_expression()["values"]
        _, provider = whose.get_expression()["values"]
        _, first, last = between.get_expression()["values"]
        asked = [item for item in self.now if item["provider"] == provider]
        return {"Items": [item for item in asked if first <= item["file"] <= last]}


@dataclass
class Machines:
    """Each execution answers with these states in turn, the last of them for ever."""

    states: Sequence[str] = ("RUNNING", "SUCCEEDED")
    cause: str = ""
    output: str = "{}"
    started: list[Mapping[str, str]] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)

    def start_execution(self, **request: str) -> Mapping[str, Any]:
        self.started.append(request)
        return {"executionArn": f"arn:execution:{request['name']}", "startDate": BEGUN}

    def describe_execution(self, *, executionArn: str) -> Mapping[str, str]:  # noqa: N803
        asked = self._asked[executionArn] = self._asked.get(executionArn, -1) + 1
        state = self.states[min(asked, len(self.states) - 1)]
        return {"status": state, "cause": self.cause, "output": self.output}


@dataclass
class Queues:
    depths: Mapping[str, int] = field(default_factory=dict)

    def get_queue_attributes(self, *, QueueUrl: str, **_: object) -> Mapping[str, Any]:  # noqa: N803
        waiting = self.depths.get(QueueUrl, 0)
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(waiting),
                "ApproximateNumberOfMessagesNotVisible": "0",
            }
        }


class Metrics:
    """CloudWatch, which knows of nothing."""

    def get_metric_statistics(self, **_: object) -> Mapping[str, Any]:
        return {"Datapoints": []}


@dataclass
class Secrets:
    text: str = KEYS
    refusal: str = ""
    puts: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    def get_secret_value(self, **_: object) -> Mapping[str, str]:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": ""}}, "GetSecretValue")
        return {"SecretString": self.text}

    def describe_secret(self, **_: object) -> Mapping[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def tag_resource(self, *, Tags: Sequence[Mapping[str, str]], **_: object) -> None:  # noqa: N803
        self.tags |= {one["Key"]: one["Value"] for one in Tags}

    def untag_resource(self, *, TagKeys: Sequence[str], **_: object) -> None:  # noqa: N803
        for key in TagKeys:
            self.tags.pop(key, None)

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        self.text = SecretString
        self.puts += 1


@dataclass
class Tasks:
    """The table of tasks, in pages."""

    pages: Sequence[Sequence[Item]] = ((),)

    def scan(self, *, ExclusiveStartKey: Item | None = None, **_: object) -> Mapping[str, Any]:  # noqa: N803
        place = (ExclusiveStartKey or {}).get("page", 0)
        more = {"LastEvaluatedKey": {"page": place + 1}} if place + 1 < len(self.pages) else {}
        return {"Items": self.pages[place], **more}

    def query(self, *, KeyConditionExpression: ConditionBase, **_: object) -> Mapping[str, Any]:  # noqa: N803
        items = (item for page in self.pages for item in page)
        return {"Items": [item for item in items if holds(KeyConditionExpression, item)]}

    def get_item(self, *, Key: Mapping[str, str], **_: object) -> Mapping[str, Any]:  # noqa: N803
        items = (item for page in self.pages for item in page)
        found = [item for item in items if item["task_id"] == Key["task_id"]]
        return {"Item": found[0]} if found else {}


def deployed(
    *ledger: Sequence[Item],
    machines: Machines | None = None,
    queues: Queues | None = None,
    secrets: Secrets | None = None,
    outputs: Mapping[str, str] = OUTPUTS,
    **clients: object,
) -> Deployment:
    """A deployment whose clients are the given ones; no session can reach anything."""
    stack = Deployment("the test stack", cast(Any, None), "http://127.0.0.1:1", outputs)
    vars(stack).update(
        ledger=Ledger(iter(ledger)),
        machines=machines or Machines(),
        queues=queues or Queues(),
        secrets=secrets or Secrets(),
        metrics=Metrics(),
        **clients,
    )
    return stack
