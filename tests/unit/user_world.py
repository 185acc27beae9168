"""Users in memory: a table with transactions and indexes, by DynamoDB's rules, and its readers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from botocore.exceptions import ClientError

from telematics.identities import Identities
from telematics.users.directory import Directory
from telematics.users.gate import Gate
from telematics.users.items import BY_GATE, BY_LISTED_AS, PREFIX
from telematics.users.log import AccessLog
from tests.unit.fakes import Item, holds, refusal

NOW = datetime(2023, 6, 5, 9, tzinfo=UTC)
KEY = b"a key of identities that is only for tests"
INDEXES = {BY_GATE: ("gate", ["status"]), BY_LISTED_AS: ("listed_as", [])}


@dataclass
class FakeUserTable:
    """`before_commit` is called before each transaction: whoever is in it is faster."""

    items: dict[str, Item] = field(default_factory=dict)
    name: str = "users"
    page_size: int = 1000
    queries: int = 0
    is_down: bool = False
    leaves_out: int = 0
    cancels_for: str = ""
    before_commit: Callable[[], object] = lambda: None

    @property
    def meta(self) -> "FakeMeta":
        return FakeMeta(self)

    def get_item(self, *, Key: Mapping[str, str], ConsistentRead: bool) -> Item:  # noqa: N803
        assert ConsistentRead
        item = self.items.get(Key["user_id"])
        return {"Item": dict(item)} if item else {}

    def query(self, **arguments: Any) -> Item:
        """Of an index, whose items know no more than it holds."""
        self.queries += 1
        if self.is_down:
            raise refusal("InternalServerError", "Query")
        attribute, known = INDEXES[arguments["IndexName"]]
        after = arguments.get("ExclusiveStartKey", {}).get("user_id", "")
        found = [
            {name: self.items[id][name] for name in ("user_id", attribute, *known)}
            for id in sorted(self.items)
            if holds(arguments["KeyConditionExpression"], self.items[id]) and id > after
        ]
        page = found[: min(self.page_size, arguments.get("Limit", self.page_size))]
        last = {attribute: page[-1][attribute], "user_id": page[-1]["user_id"]} if page else {}
        more = {"LastEvaluatedKey": last} if len(found) > len(page) else {}
        items = {} if arguments.get("Select") == "COUNT" else {"Items": page}
        return {"Count": len(page), **items, **more}


@dataclass(frozen=True)
class FakeMeta:
    """`client` is the table's own."""

    table: FakeUserTable

    @property
    def client(self) -> "FakeMeta":
        return self

    def transact_write_items(self, *, TransactItems: list[Item]) -> None:  # noqa: N803
        interrupting, self.table.before_commit = self.table.before_commit, lambda: None
        interrupting()
        steps = [(verb, step) for one in TransactItems for verb, step in one.items()]
        places = [_place(step) for _, step in steps]
        assert len(set(places)) == len(places), "DynamoDB takes an item once in a transaction"
        assert len(places) <= 100, "DynamoDB takes a hundred at most"
        assert {step["TableName"] for _, step in steps} == {self.table.name}
        codes = [
            "None"
            if _met(step, self.table.items.get(_place(step), {}))
            else "ConditionalCheckFailed"
            for _, step in steps
        ]
        codes = [self.table.cancels_for, *codes[1:]] if self.table.cancels_for else codes
        if set(codes) != {"None"}:
            raise cancelled(codes)
        for verb, step in steps:
            if verb == "Delete":
                self.table.items.pop(_place(step), None)
            else:
                self.table.items[_place(step)] = dict(step["Item"])

    def batch_get_item(self, *, RequestItems: Item) -> Item:  # noqa: N803
        [(name, asked)] = RequestItems.items()
        keys = asked["Keys"]
        assert asked["ConsistentRead"]
        assert 0 < len(keys) <= 100
        self.table.leaves_out, left = 0, keys[len(keys) - self.table.leaves_out :]
        told = [one["user_id"] for one in keys if one not in left]
        found = [dict(self.table.items[id]) for id in told if id in self.table.items]
        unread = {name: {"Keys": left}} if left else {}
        return {"Responses": {name: found}, "UnprocessedKeys": unread}


def cancelled(codes: list[str]) -> ClientError:
    error = refusal("TransactionCanceledException", "TransactWriteItems")
    cast(Any, error.response)["CancellationReasons"] = [{"Code": code} for code in codes]
    return error


def _place(step: Item) -> str:
    place: str = (step["Key"] if "Key" in step else step["Item"])["user_id"]
    return place


def _met(step: Item, item: Item) -> bool:
    [(placeholder, name)] = step["ExpressionAttributeNames"].items()
    match step["ConditionExpression"]:
        case "attribute_not_exists(#key)":
            return placeholder == "#key" and name not in item
        case "#attribute = :value":
            return bool(item.get(name) == step["ExpressionAttributeValues"][":value"])
    raise AssertionError(f"the fake does not know {step['ConditionExpression']}")


@dataclass
class FakeLogTable:
    """What was put stays."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    page_size: int = 1000

    def put_item(self, *, Item: Item, ConditionExpression: Any) -> None:  # noqa: N803
        place = Item["subject"], Item["at"]
        if not holds(ConditionExpression, self.items.get(place, {})):
            raise refusal("ConditionalCheckFailedException", "PutItem")
        self.items[place] = dict(Item)

    def query(self, **arguments: Any) -> Item:
        after = arguments.get("ExclusiveStartKey", {}).get("at", "")
        found = [
            self.items[place]
            for place in sorted(self.items)
            if holds(arguments["KeyConditionExpression"], self.items[place]) and place[1] > after
        ]
        page = found[: self.page_size]
        last = {"LastEvaluatedKey": {"at": page[-1]["at"]}} if len(found) > len(page) else {}
        return {"Items": page, **last}


@dataclass
class UserWorld:
    """A directory, its gate and the log; `seconds` pass when the test says so."""

    table: FakeUserTable = field(default_factory=FakeUserTable)
    log_table: FakeLogTable = field(default_factory=FakeLogTable)
    identities: Identities = field(default_factory=lambda: Identities(KEY))
    seconds: float = 0.0

    @property
    def directory(self) -> Directory:
        return Directory(cast(Any, self.table), self.identities)

    @property
    def log(self) -> AccessLog:
        return AccessLog(cast(Any, self.log_table))

    def gate(self, *, seconds: float = 10) -> Gate:
        table = cast(Any, self.table)
        return Gate(table, lambda: self.identities, seconds=seconds, clock=lambda: self.seconds)

    def identity_items(self) -> Iterator[Item]:
        return (one for id, one in self.table.items.items() if id.startswith(PREFIX))

    def user_items(self) -> Iterator[Item]:
        return (one for id, one in self.table.items.items() if not id.startswith(PREFIX))
