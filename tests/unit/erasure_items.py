"""Tables, a queue and the machines' own API, as erasing people meets them, in memory."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.fakes import FakeTable, Item, holds, refusal
from tests.unit.user_world import FakeMeta, FakeUserTable

Before = Callable[[str], object]


def unwatched(change: str) -> None:
    """Nobody wants to know."""


@dataclass
class FakeItems(FakeTable):
    """One that can be read from end to end. `before` is called with each change."""

    name: str = "items"
    keys: tuple[str, ...] = ("task_id",)
    before: Before = unwatched

    @property
    def key_schema(self) -> list[Item]:
        return [{"AttributeName": one} for one in self.keys]

    def scan(self, *, ConsistentRead: bool, **begin: Any) -> Item:  # noqa: N803
        assert ConsistentRead
        after = begin.get("ExclusiveStartKey", {}).get("place", "")
        places = [one for one in sorted(self.items) if one > after]
        page = places[: self.page_size]
        more = {"LastEvaluatedKey": {"place": page[-1]}} if len(places) > len(page) else {}
        return {"Items": [dict(self.items[one]) for one in page], **more}

    def put_item(self, *, Item: Item, ConditionExpression: Any) -> None:  # noqa: N803
        self.before(f"put into {self.name}")
        place = " ".join(Item[one] for one in self.keys)
        if not holds(ConditionExpression, self.items.get(place, {})):
            raise refusal("ConditionalCheckFailedException", "PutItem")
        self.items[place] = dict(Item)

    def update_item(self, **arguments: Any) -> Item:
        self.before(f"update {self.name}")
        return super().update_item(**arguments)

    def delete_item(self, *, Key: Mapping[str, str]) -> Item:  # noqa: N803
        self.before(f"delete an item of {self.name}")
        return super().delete_item(Key=Key)


@dataclass
class WatchedUsers(FakeUserTable):
    """`before` is called with each transaction."""

    before: Before = unwatched

    @property
    def meta(self) -> "WatchedMeta":
        return WatchedMeta(self)


@dataclass(frozen=True)
class WatchedMeta(FakeMeta):
    """`table` is a watched one."""

    table: WatchedUsers

    def transact_write_items(self, *, TransactItems: list[Item]) -> None:  # noqa: N803
        self.table.before("change users")
        super().transact_write_items(TransactItems=TransactItems)


@dataclass
class FakeLetters:
    """One dead-letter queue: what is received is hidden until it is put back, or time passes."""

    waiting: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    before: Before = unwatched
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def send(self, body: str) -> None:
        self.waiting[f"receipt-{next(self._numbers)}"] = body

    def time_passes(self) -> None:
        self.waiting |= self.hidden
        self.hidden.clear()

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> Item:  # noqa: N803
        some = dict(itertools.islice(self.waiting.items(), MaxNumberOfMessages))
        for receipt in some:
            self.hidden[receipt] = self.waiting.pop(receipt)
        messages = [{"Body": body, "ReceiptHandle": receipt} for receipt, body in some.items()]
        return {"Messages": messages} if messages else {}

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:  # noqa: N803
        self.before("delete a letter")
        del self.hidden[ReceiptHandle]

    def change_message_visibility(self, *, ReceiptHandle: str, **told: Any) -> None:  # noqa: N803
        assert told["VisibilityTimeout"] == 0
        self.before("put a letter back")
        self.waiting[ReceiptHandle] = self.hidden.pop(ReceiptHandle)


@dataclass
class FakeMachines:
    """Executions by their state; of an unknown one nothing is known any more."""

    status: dict[str, str] = field(default_factory=dict)

    def describe_execution(self, *, executionArn: str) -> Item:  # noqa: N803
        if executionArn not in self.status:
            raise refusal("ExecutionDoesNotExist", "DescribeExecution")
        return {"status": self.status[executionArn]}
