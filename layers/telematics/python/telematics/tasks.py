"""Tasks that take minutes or days: items of a table, changed only as they were read.

Whoever changes a task says which revision they have read; if it is no longer that one, somebody
else was faster, and it is read again. So every change is one from a state that it may come from.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
from boto3.dynamodb.conditions import Attr, Key

from telematics import changes
from telematics.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

Item: TypeAlias = Mapping[str, Any]  # whatever a task holds, as DynamoDB has it

BY_PROVIDER_TASK = "by_provider_task"
BY_OPEN = "by_open"
KEYS_KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Tasks:
    """Items by `task_id`; `revision` counts the changes of each."""

    table: "Table"

    def get(self, task_id: str) -> Item | None:
        answer = self.table.get_item(Key={"task_id": task_id}, ConsistentRead=True)
        return answer.get("Item")

    def write(self, task_id: str, facts: Item, *, revision: int) -> bool:
        """Whether it was as read: of that revision, or not there where that is 0.

        What is None is removed.
        """
        as_read = Attr("revision").eq(revision) if revision else Attr("task_id").not_exists()
        change = changes.Change()
        change.write({**facts, "revision": revision + 1}, {})
        return changes.made(self.table, {"task_id": task_id}, change, as_read)

    def found(self, provider: str, provider_task: str) -> Iterator[str]:
        """Ours that wait for a task of the provider; one that is very new may not be found yet."""
        where = Key("provider_task").eq(provider_name(provider, provider_task))
        page = self.table.query(IndexName=BY_PROVIDER_TASK, KeyConditionExpression=where)
        for item in page["Items"]:
            yield str(item["task_id"])

    def keyed(self, key: str, request: str, *, now: datetime) -> bool:
        """Whether an idempotency key is new, or was used for this very request before."""
        task_id, digest = f"idem-{digest_of(key)}", digest_of(request)
        seconds = int(now.timestamp())
        change = changes.Change()
        until = seconds + int(KEYS_KEPT_FOR.total_seconds())
        change.write({"digest": digest, "expires_at": until}, {})
        # DynamoDB takes its time with items that have expired.
        is_free = Attr("task_id").not_exists() | Attr("expires_at").lte(seconds)
        if changes.made(self.table, {"task_id": task_id}, change, is_free):
            return True
        return (self.get(task_id) or {}).get("digest") == digest


def provider_name(provider: str, provider_task: str) -> str:
    return f"{provider}/{provider_task}"


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def deployed() -> Tasks:
    """The tasks of the stack that this function belongs to."""
    return Tasks(boto3.resource("dynamodb").Table(settings().tasks_table))
