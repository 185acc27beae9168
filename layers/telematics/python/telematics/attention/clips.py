"""Footage that is still waited for when its time is nearly up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from telematics.attention.problem import Kind, Problem
from telematics.clips.clip import Clip
from telematics.moments import stamp
from telematics.tasks import BY_OPEN

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NEAR = timedelta(hours=6)
NEAR_PART = 4  # of a wish for few hours, the last quarter
A_SECOND = timedelta(seconds=1)  # a deadline may be spelt with or without a fraction of it


def near_deadline(tasks: "Table", *, now: datetime) -> Iterator[Problem]:
    """Those of which the deadline is over as well: nobody works on them any more."""
    for item in _open_until(tasks, now + NEAR + A_SECOND):
        deadline = datetime.fromisoformat(item["deadline_at"])
        whole = deadline - datetime.fromisoformat(item["requested_at"])
        since = deadline - min(NEAR, whole / NEAR_PART)
        if since <= now:
            yield _problem(item, since)


def _open_until(tasks: "Table", until: datetime) -> Iterator[Any]:  # Any: as boto3 has items
    where = Key("open").eq(Clip.KIND) & Key("deadline_at").lte(stamp(until))
    page = tasks.query(IndexName=BY_OPEN, KeyConditionExpression=where)
    while True:
        yield from page["Items"]
        if not (place := page.get("LastEvaluatedKey")):
            return
        page = tasks.query(IndexName=BY_OPEN, KeyConditionExpression=where, ExclusiveStartKey=place)


def _problem(item: Any, since: datetime) -> Problem:
    clip_id = item["task_id"]
    return Problem(
        Kind.CLIP_DEADLINE,
        clip_id,
        f"{item['provider']}: {clip_id} is {item['state']}, and its time is up at"
        f" {item['deadline_at']}",
        f"telematics clip show {clip_id}",
        since,
    )
