"""The gate: whose data may not be kept, known without asking about each person.

Only identities of people who are not active are in its index, so it is small whatever the number of
users: it is read whole, kept for some seconds, and looked into in memory. Where it can't be read,
nothing passes: what wanted to know fails, and comes back later.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.conditions import Key

from telematics import identities
from telematics.identities import Identities
from telematics.settings import settings
from telematics.users.items import BY_GATE, CLOSED, PREFIX
from telematics.users.user import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

Clock = Callable[[], float]
LONGEST_SECONDS = 30


class Gate:
    """`seconds` is for how long it is kept.

    The key of identities is only asked for when somebody is behind the gate.
    """

    def __init__(
        self,
        table: "Table",
        identities: Callable[[], Identities],
        *,
        seconds: float,
        clock: Clock = time.time,
    ) -> None:
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"a gate is kept for {LONGEST_SECONDS} seconds at most")
        self._table = table
        self._identities = identities
        self._seconds = seconds
        self._clock = clock
        self._closed: Mapping[str, Status] = {}
        self._read_at: float | None = None

    def closed(self, provider: str, provider_user_id: str) -> Status | None:
        """Why nothing of them may be kept; None: it may."""
        closed = self._current()
        return closed.get(self._identities().of(provider, provider_user_id)) if closed else None

    def closed_among(self, provider: str, ids: Iterable[str]) -> dict[str, Status]:
        """Those of many of whom nothing may be kept, all judged by the same look at the gate."""
        if not (closed := self._current()):
            return {}
        of = self._identities().of
        found = ((id, closed.get(of(provider, id))) for id in ids)
        return {id: status for id, status in found if status is not None}

    @property
    def is_empty(self) -> bool:
        """Everybody may pass."""
        return not self._current()

    @property
    def marks(self) -> Mapping[str, Status]:
        """Everybody who is closed, by their hash: what is handed out does not change later."""
        return self._current()

    def hashed(self, provider: str, provider_user_id: str) -> str:
        return self._identities().of(provider, provider_user_id)

    def refreshed(self) -> "Gate":
        """Read now, however young it is."""
        # From before it is read: what is closed meanwhile counts from then on.
        now = self._clock()
        self._closed, self._read_at = self._read(), now
        return self

    def _current(self) -> Mapping[str, Status]:
        # A clock that was put back says nothing of how old it is.
        if self._read_at is None or not 0 <= self._clock() - self._read_at < self._seconds:
            self.refreshed()
        return self._closed

    def _read(self) -> Mapping[str, Status]:
        closed: dict[str, Status] = {}
        begin: dict[str, Any] = {}
        while True:
            page = self._table.query(
                IndexName=BY_GATE, KeyConditionExpression=Key("gate").eq(CLOSED), **begin
            )
            for item in page["Items"]:
                hash = str(item["user_id"]).removeprefix(PREFIX)
                closed[hash] = Status(str(item["status"]))
            if not (place := page.get("LastEvaluatedKey")):
                return closed
            begin = {"ExclusiveStartKey": place}


@cache
def deployed() -> Gate:
    """The gate of the stack that this function belongs to."""
    table = boto3.resource("dynamodb").Table(settings().users_table)
    return Gate(table, identities.deployed, seconds=settings().gate_seconds)
