"""Small stand-ins for AWS, in memory: a DynamoDB table, an S3 bucket, an event bus, secrets."""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.conditions import AttributeBase, ConditionBase
from botocore.exceptions import ClientError

from telematics.events import Bus
from telematics.ledger import Ledger
from telematics.raw import Zone

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client

# Items and arguments are as free in shape as DynamoDB's own.
Item = dict[str, Any]
_UNDEFINED = object()


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@dataclass
class FakeTable:
    """Understands the conditions and updates that ledger and tasks write, by DynamoDB's rules."""

    items: dict[str, Item] = field(default_factory=dict)
    page_size: int = 1000

    def get_item(self, *, Key: Mapping[str, str], ConsistentRead: bool) -> Item:  # noqa: N803
        item = self.items.get(_place(Key))
        return {"Item": dict(item)} if item else {}

    def query(self, **arguments: Any) -> Item:
        after = arguments.get("ExclusiveStartKey", {}).get("file", "")
        found = [
            self.items[place]
            for place in sorted(self.items)
            if holds(arguments["KeyConditionExpression"], self.items[place])
            and self.items[place].get("file", place) > after
        ]
        page = found[: self.page_size]
        last = {"LastEvaluatedKey": {"file": page[-1]["file"]}} if len(found) > len(page) else {}
        return {"Items": [dict(item) for item in page], **last}

    def update_item(self, *, Key: Mapping[str, str], **arguments: Any) -> Item:  # noqa: N803
        item = self.items.get(_place(Key), {})
        condition = arguments.get("ConditionExpression")
        if condition is not None and not holds(condition, item):
            raise refusal("ConditionalCheckFailedException", "UpdateItem")
        names = arguments["ExpressionAttributeNames"]
        values = arguments.get("ExpressionAttributeValues", {})
        self.items[_place(Key)] = {
            **_updated(item, arguments["UpdateExpression"], names, values),
            **Key,
        }
        return {}

    def delete_item(self, *, Key: Mapping[str, str]) -> Item:  # noqa: N803
        self.items.pop(_place(Key), None)
        return {}


def _place(key: Mapping[str, str]) -> str:
    return " ".join(key.values())


def holds(condition: ConditionBase, item: Item) -> bool:
    """A comparison with an attribute that is not there is false."""
    told = condition.get_expression()
    operator, operands = told["operator"], told["values"]
    if operator == "AND":
        return holds(operands[0], item) and holds(operands[1], item)
    if operator == "OR":
        return holds(operands[0], item) or holds(operands[1], item)
    if operator == "NOT":
        return not holds(operands[0], item)
    if operator == "attribute_not_exists":
        return operands[0].name not in item
    if operator == "attribute_exists":
        return operands[0].name in item
    left, *others = (_operand(one, item) for one in operands)
    return left is not _UNDEFINED and _compared(operator, left, others)


def _compared(operator: str, left: Any, others: list[Any]) -> bool:
    match operator:
        case "=":
            return bool(left == others[0])
        case "<=":
            return bool(left <= others[0])
        case ">":
            return bool(left > others[0])
        case "IN":
            return left in others[0]
        case "BETWEEN":
            return bool(others[0] <= left <= others[1])
    raise AssertionError(f"the fake does not know {operator}")


def _operand(value: Any, item: Item) -> Any:
    return item.get(value.name, _UNDEFINED) if isinstance(value, AttributeBase) else value


def _updated(
    item: Item, expression: str, names: Mapping[str, str], values: Mapping[str, Any]
) -> Item:
    """All that is read is what was there before."""
    changed = dict(item)
    used = set(re.findall(r":\w+", expression))
    assert used == set(values), "DynamoDB refuses values that are not used"
    for verb, clauses in re.findall(
        r"(SET|REMOVE|ADD) (.+?)(?= (?:SET|REMOVE|ADD) |$)", expression
    ):
        for clause in re.split(r", (?=#)(?![^(]*\))", clauses):
            name, *operands = re.findall(r"[#:]\w+", clause)
            attribute = names[name]
            if verb == "REMOVE":
                changed.pop(attribute, None)
            elif verb == "ADD":
                changed[attribute] = item.get(attribute, 0) + _number(values[operands[0]])
            elif "if_not_exists" in clause:
                changed[attribute] = item.get(attribute, _number(values[operands[-1]]))
            else:
                changed[attribute] = _number(values[operands[0]])
    return changed


def _number(value: Any) -> Any:
    """What comes back of what was written: numbers, however deep inside, are Decimals."""
    if isinstance(value, dict):
        return {name: _number(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_number(one) for one in value]
    assert not isinstance(value, float), "boto3 refuses floats"
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def ledger(table: FakeTable | None = None) -> Ledger:
    return Ledger(cast("Table", table or FakeTable()))


@dataclass
class FakeS3:
    """One bucket. An object appears when it is complete, never before."""

    objects: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, Mapping[str, str]] = field(default_factory=dict)
    parts: dict[str, list[bytes]] = field(default_factory=dict)
    begun: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        Metadata: Mapping[str, str],  # noqa: N803
        ContentType: str = "",  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
    ) -> Item:
        if IfNoneMatch == "*" and Key in self.objects:
            raise refusal("PreconditionFailed", "PutObject")
        self.objects[Key], self.metadata[Key] = Body, Metadata
        return {"ETag": f'"{etag(Body)}"'}

    def head_object(self, *, Bucket: str, Key: str) -> Item:  # noqa: N803
        if Key not in self.objects:
            raise refusal("404", "HeadObject")
        body = self.objects[Key]
        return {
            "ETag": f'"{etag(body)}"',
            "ContentLength": len(body),
            "Metadata": self.metadata[Key],
        }

    def get_object(self, *, Bucket: str, Key: str, IfMatch: str) -> Item:  # noqa: N803
        body = self.objects[Key]
        if IfMatch != f'"{etag(body)}"':
            raise refusal("PreconditionFailed", "GetObject")
        return {"Body": io.BytesIO(body)}

    def create_multipart_upload(self, **arguments: Any) -> Item:
        upload = f"upload-{len(self.begun) + 1}"
        self.begun[upload], self.parts[upload] = arguments["Metadata"], []
        return {"UploadId": upload}

    def upload_part(self, **arguments: Any) -> Item:
        parts = self.parts[arguments["UploadId"]]
        assert arguments["PartNumber"] == len(parts) + 1
        parts.append(arguments["Body"])
        return {"ETag": f'"{etag(parts[-1])}"', "ChecksumCRC32": "crc"}

    def complete_multipart_upload(self, **arguments: Any) -> Item:
        upload, key = arguments["UploadId"], arguments["Key"]
        parts = self.parts.pop(upload)
        told = arguments["MultipartUpload"]["Parts"]
        assert [one["ETag"] for one in told] == [f'"{etag(part)}"' for part in parts]
        assert [one["PartNumber"] for one in told] == list(range(1, len(parts) + 1))
        self.objects[key], self.metadata[key] = b"".join(parts), self.begun[upload]
        return {"ETag": f'"{etag(self.objects[key])}-{len(parts)}"'}

    def abort_multipart_upload(self, **arguments: Any) -> Item:
        del self.parts[arguments["UploadId"]]
        return {}

    @property
    def zone(self) -> Zone:
        return Zone("raw", cast("S3Client", self))


def etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


@dataclass
class FakeBus:
    """Keeps what was put on it: source, name and detail."""

    put: list[tuple[str, str, Item]] = field(default_factory=list)
    refuses: bool = False

    def put_events(self, *, Entries: list[Mapping[str, str]]) -> Item:  # noqa: N803
        if self.refuses:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
        for one in Entries:
            self.put.append((one["Source"], one["DetailType"], json.loads(one["Detail"])))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    @property
    def bus(self) -> Bus:
        return Bus("telematics", cast("EventBridgeClient", self))
