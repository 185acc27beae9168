"""The access log: who did what to whose access, when and why. It is only ever added to.

Whose access it was is a keyed hash, so that it can stay when they are erased.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from telematics.moments import stamp
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DIGITS = 16


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that somebody in the role `by` did."""

    at: datetime
    action: str
    by: str
    reason: str
    result: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class AccessLog:
    """`subject` is a hash from Identities, never an id."""

    table: "Table"

    def write(
        self,
        subject: str,
        *,
        action: str,
        by: str,
        reason: str,
        now: datetime,
        result: str = "",
        request_id: str = "",
    ) -> None:
        """The same again, at the same moment, is the same entry."""
        facts = {
            "action": action,
            "by": by,
            "reason": reason,
            "result": result,
            "request_id": request_id,
        }
        at = f"{stamp(now)}/{_digest(facts)}"
        item = {"subject": subject, "at": at, **{name: one for name, one in facts.items() if one}}
        try:
            self.table.put_item(Item=item, ConditionExpression=Attr("subject").not_exists())
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def read(self, subject: str) -> list[Entry]:
        """In the order of time."""
        entries: list[Entry] = []
        begin: dict[str, Any] = {}
        while True:
            page = self.table.query(
                KeyConditionExpression=Key("subject").eq(subject), ConsistentRead=True, **begin
            )
            entries.extend(map(_entry, page["Items"]))
            if not (place := page.get("LastEvaluatedKey")):
                return entries
            begin = {"ExclusiveStartKey": place}


def _digest(facts: dict[str, str]) -> str:
    """What else happened in the same millisecond has another one."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:DIGITS]


# As free in shape as DynamoDB's own items.
def _entry(item: Any) -> Entry:
    at, _, _ = str(item["at"]).partition("/")
    told = {name: str(item.get(name, "")) for name in ("action", "by", "result", "request_id")}
    return Entry(at=datetime.fromisoformat(at), reason=str(item.get("reason", "")), **told)


@cache
def deployed() -> AccessLog:
    """The log of the stack that this function belongs to."""
    return AccessLog(boto3.resource("dynamodb").Table(settings().access_log_table))
