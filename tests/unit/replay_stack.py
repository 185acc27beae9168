"""A stack whose raw zone, ledger and queues hold what a test put there."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.cli.target import Deployment
from tests.unit.cli_stack import OUTPUTS, Item, Ledger, deployed
from tests.unit.user_world import FakeUserTable

REPLAYED = {
    **OUTPUTS,
    "RawBucket": "raw",
    "BusName": "telematics",
    "DeadLettersMerge": "dead/merge",
    "DeadLettersFunctions": "account/dead/functions",
    "DeadLettersSchedules": "dead/schedules",
}
THEN = datetime(2023, 6, 5, tzinfo=UTC)
DATE = "Mon, 05 Jun 2023 12:00:00 GMT"  # by the stack's clock


@dataclass
class Bucket:
    """Lists objects a page of two at a time; `listed` are the keys that it told of."""

    sizes: Mapping[str, int]
    listed: list[str] = field(default_factory=list)

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Prefix: str, **asked: str) -> Iterator[Item]:  # noqa: N803
        keys = sorted(key for key in self.sizes if key.startswith(Prefix))
        if "Delimiter" in asked:
            names = dict.fromkeys(key.split("/")[1] for key in keys)
            yield {"CommonPrefixes": [{"Prefix": f"{Prefix}{name}/"} for name in names]}
            return
        after = [key for key in keys if key > asked["StartAfter"]]
        for number in range(0, len(after), 2):
            page = after[number : number + 2]
            self.listed += page
            yield {"Contents": [{"Key": key, "Size": self.sizes[key]} for key in page]}


@dataclass
class Queues:
    """By their URL. `loads` takes each message that is sent, where it is given.

    `moves`: whether SQS moves dead letters itself. So many entries of batches it `forgets`.
    """

    messages: dict[str, list[Item]] = field(default_factory=dict)
    loads: Callable[[str], object] | None = None
    moves: bool = False
    forgets: int = 0
    calls: list[str] = field(default_factory=list)
    _held: dict[str, Item] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def put(self, url: str, body: str, at: datetime = THEN, **told: str) -> None:
        attributes = {
            name: {"DataType": "String", "StringValue": text} for name, text in told.items()
        }
        self.messages.setdefault(url, []).append(
            {
                "Body": body,
                "Attributes": {"SentTimestamp": f"{at.timestamp() * 1_000:.0f}"},
                "MessageAttributes": attributes,
            }
        )

    def bodies(self, url: str) -> list[str]:
        return [one["Body"] for one in self.messages.get(url, ())]

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Item:  # noqa: N803
        if AttributeNames == ["QueueArn"]:
            return {"Attributes": {"QueueArn": f"arn:{QueueUrl}"}}
        held = sum(one["url"] == QueueUrl for one in self._held.values())
        count = len(self.messages.get(QueueUrl, ())) + held
        return {"Attributes": {"ApproximateNumberOfMessages": f"{count}"}}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Item]) -> Item:  # noqa: N803
        assert 0 < len(Entries) <= 10
        refused = [one for one in Entries if self._is_refused()]
        for one in Entries:
            if one not in refused:
                self.send_message(QueueUrl=QueueUrl, MessageBody=one["MessageBody"])
        headers = {"HTTPHeaders": {"date": DATE}}
        return {"Failed": [{"Id": one["Id"]} for one in refused], "ResponseMetadata": headers}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.calls.append(f"send {QueueUrl}")
        if self.loads is None:
            self.put(QueueUrl, MessageBody)
        else:
            self.loads(MessageBody)

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> Item:  # noqa: N803
        assert 0 < MaxNumberOfMessages <= 10
        there = self.messages.get(QueueUrl, [])
        taken, self.messages[QueueUrl] = there[:MaxNumberOfMessages], there[MaxNumberOfMessages:]
        for one in taken:
            one["ReceiptHandle"] = f"receipt-{next(self._numbers)}"
            self._held[one["ReceiptHandle"]] = {"url": QueueUrl, "message": one}
        return {"Messages": taken}

    def change_message_visibility(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        held = self._held.pop(ReceiptHandle)
        self.messages[held["url"]].append(held["message"])

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        self.calls.append(f"delete {self._held.pop(ReceiptHandle)['url']}")

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> None:  # noqa: N803
        if not self.moves:
            raise ClientError({"Error": {"Code": "InvalidAction"}}, "StartMessageMoveTask")
        self.calls.append(f"move {SourceArn} to {DestinationArn}")

    def list_message_move_tasks(self, **_: Any) -> Item:
        tasks = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7}
        return {"Results": [tasks]}

    def _is_refused(self) -> bool:
        self.forgets -= 1
        return self.forgets >= 0


@dataclass
class Rows(Ledger):
    """Rows that change as loads do, looked up one by one as well."""

    rows: list[Item] = field(default_factory=list)

    def query(self, **asked: Any) -> Mapping[str, Any]:
        self.now = self.rows
        return super().query(**asked)

    def get_item(self, *, Key: Item, **_: Any) -> Item:  # noqa: N803
        found = [one for one in self.rows if one["file"] == Key["file"]]
        return {"Item": found[0]} if found else {}


def stack(
    sizes: Mapping[str, int] | None = None,
    rows: list[Item] | None = None,
    queues: Queues | None = None,
    **clients: object,
) -> Deployment:
    made = deployed(outputs=REPLAYED)
    vars(made).update(
        objects=Bucket(sizes or {}),
        users=FakeUserTable(),
        queues=queues or Queues(),
        ledger=Rows(iter(()), rows=rows if rows is not None else []),
    )
    vars(made).update(clients)
    return made
