"""Users by status, a page at a time: through an index of their ids, never a scan."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from telematics.errors import Busy, InvalidRequest
from telematics.users.items import BY_LISTED_AS, user_of
from telematics.users.user import Status, User, is_usable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MOST = 100  # items that DynamoDB reads at once
LISTED = (Status.ACTIVE, Status.BLOCKED, Status.ERASING)  # in this order
ATTEMPTS = 10


@dataclass(frozen=True)
class Page:
    """`cursor` is where the next one begins; None at the end."""

    users: tuple[User, ...]
    cursor: str | None = None


def page(table: "Table", status: Status | None, cursor: str | None, limit: int) -> Page:
    """By status, and by id within each. Raises InvalidRequest."""
    if not 0 < limit <= MOST:
        raise InvalidRequest(f"a page has 1 to {MOST} users")
    statuses = [one for one in LISTED if status in (None, one)]
    first, after = _place(cursor) if cursor else (None, "")
    if first is not None:
        if first not in statuses:
            raise InvalidRequest("the cursor is of another list")
        statuses = statuses[statuses.index(first) :]
    ids: list[str] = []
    for one in statuses:
        found = _ids(table, one, after, limit - len(ids))
        ids, after = [*ids, *found], ""
        if len(ids) == limit:
            return Page(tuple(_read(table, ids, status)), _cursor(one, ids[-1]))
    return Page(tuple(_read(table, ids, status)))


def everybody(table: "Table", status: Status) -> Iterator[User]:
    cursor: str | None = None
    while True:
        found = page(table, status, cursor, MOST)
        yield from found.users
        if (cursor := found.cursor) is None:
            return


def known(table: "Table", ids: Iterable[str]) -> dict[str, User]:
    """Those of them who are there, as they are now."""
    sought = [*ids]
    pieces = (sought[place : place + MOST] for place in range(0, len(sought), MOST))
    users = (user_of(item) for piece in pieces for item in _items(table, piece))
    return {one.user_id: one for one in users}


def counts(table: "Table") -> Mapping[Status, int]:
    return {status: _count(table, status) for status in Status}


def _ids(table: "Table", status: Status, after: str, limit: int) -> list[str]:
    listed_as = {"listed_as": str(status)}
    begin: dict[str, Any] = {"ExclusiveStartKey": {**listed_as, "user_id": after}} if after else {}
    ids: list[str] = []
    while len(ids) < limit:
        answer = table.query(
            IndexName=BY_LISTED_AS,
            KeyConditionExpression=Key("listed_as").eq(str(status)),
            Limit=limit - len(ids),
            **begin,
        )
        ids.extend(str(item["user_id"]) for item in answer["Items"])
        if not (place := answer.get("LastEvaluatedKey")):
            break
        begin = {"ExclusiveStartKey": place}
    return ids


def _read(table: "Table", ids: Sequence[str], status: Status | None) -> Iterator[User]:
    """As they are now; the index may be a moment behind."""
    found = known(table, ids)
    users = (found[id] for id in ids if id in found)
    return (user for user in users if status in (None, user.status))


def _items(table: "Table", ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """DynamoDB may leave some out when there is much to do."""
    keys = [{"user_id": id} for id in ids]
    for _ in range(ATTEMPTS):
        if not keys:
            return
        asked: Any = {table.name: {"Keys": keys, "ConsistentRead": True}}
        answer: Any = table.meta.client.batch_get_item(RequestItems=asked)
        yield from answer["Responses"].get(table.name, [])
        keys = answer.get("UnprocessedKeys", {}).get(table.name, {}).get("Keys", [])
    if keys:
        raise Busy("the table of users is busy")


def _count(table: "Table", status: Status) -> int:
    together = 0
    begin: dict[str, Any] = {}
    while True:
        answer = table.query(
            IndexName=BY_LISTED_AS,
            KeyConditionExpression=Key("listed_as").eq(str(status)),
            Select="COUNT",
            **begin,
        )
        together += answer["Count"]
        if not (place := answer.get("LastEvaluatedKey")):
            return together
        begin = {"ExclusiveStartKey": place}


def _cursor(status: Status, user_id: str) -> str:
    return base64.urlsafe_b64encode(f"{status}:{user_id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[Status, str]:
    try:
        text = base64.b64decode(
            f"{cursor}{'=' * (-len(cursor) % 4)}", b"-_", validate=True
        ).decode()
        status, _, user_id = text.partition(":")
        if is_usable(user_id):
            return Status(status), user_id
    except (ValueError, binascii.Error):
        pass
    raise InvalidRequest("the cursor is not one that a page ended with")
