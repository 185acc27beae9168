"""A deployed stack for the command line's tests: its answers are scripted, nothing is reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from boto3.dynamodb.conditions import ConditionBase
from botocore.exceptions import ClientError

from infra.cli.target import Deployment

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
}
KEYS = '{"read_key": "read.key", "url_key": "url.key"}'

Item = dict[str, Any]  # as DynamoDB has it


def row(day: date, dataset: str, state: str, **more: object) -> Item:
    name = f"{dataset}.csv.gz"
    return {
        "provider": "sentiance",
        "file": f"{day}/{dataset}/{name}",
        "day": day.isoformat(),
        "dataset": dataset,
        "raw_key": f"sentiance/{dataset}/day={day}/{name}",
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
        between = KeyConditionExpression.get_expression()["values"][1]
        _, first, last = between.get_expression()["values"]
        return {"Items": [item for item in self.now if first <= item["file"] <= last]}


@dataclass
class Machines:
    """Each execution answers with these states in turn, the last of them for ever."""

    states: Sequence[str] = ("RUNNING", "SUCCEEDED")
    cause: str = ""
    started: list[Mapping[str, str]] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)

    def start_execution(self, **request: str) -> Mapping[str, str]:
        self.started.append(request)
        return {"executionArn": f"arn:execution:{request['name']}"}

    def describe_execution(self, *, executionArn: str) -> Mapping[str, str]:  # noqa: N803
        asked = self._asked[executionArn] = self._asked.get(executionArn, -1) + 1
        return {"status": self.states[min(asked, len(self.states) - 1)], "cause": self.cause}


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


@dataclass
class Secrets:
    text: str = KEYS
    refusal: str = ""

    def get_secret_value(self, **_: object) -> Mapping[str, str]:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": ""}}, "GetSecretValue")
        return {"SecretString": self.text}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        self.text = SecretString


def deployed(
    *ledger: Sequence[Item],
    machines: Machines | None = None,
    queues: Queues | None = None,
    secrets: Secrets | None = None,
    **clients: object,
) -> Deployment:
    """A deployment whose clients are the given ones; no session can reach anything."""
    stack = Deployment("the test stack", cast(Any, None), "http://127.0.0.1:1", OUTPUTS)
    vars(stack).update(
        ledger=Ledger(iter(ledger)),
        machines=machines or Machines(),
        queues=queues or Queues(),
        secrets=secrets or Secrets(),
        **clients,
    )
    return stack
