"""The users, as the lake sees them: what providers call each, and whether their data is kept.

A stream tells of whom something has changed; what is true of them now is read from the table of
users, and takes the place of all their rows. So it may be told twice, and in any order. Whoever is
being erased has no rows: nobody comes back here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import boto3
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.table import Table

from telematics import commits, http, lake, merging, tables
from telematics.errors import Busy
from telematics.expressions import one_of
from telematics.settings import settings
from telematics.users import listing
from telematics.users.items import PREFIX
from telematics.users.user import User
from telematics.versions import Row

ATTEMPTS = 20
USER, UPDATED = "user_id", "updated_at"
Known: TypeAlias = Mapping[str, User]
StreamEvent: TypeAlias = Mapping[str, Any]  # as DynamoDB has it


class _Overtaken(Exception):
    """Somebody has changed since they were read."""


@dataclass(frozen=True)
class Mirror:
    """`read` is strongly consistent: those of these ids who are there."""

    read: Callable[[Iterable[str]], Known]
    catalog: Catalog
    database: str
    now: Callable[[], datetime] = http.utc_now

    def refresh(self, user_ids: Iterable[str]) -> int:
        """How many rows these people have now. Raises Busy where others keep writing."""
        ids = sorted(set(user_ids))
        if not ids:
            return 0
        table = tables.ensure(self.catalog, self.database, tables.USERS)
        for attempt in range(ATTEMPTS):
            users = self.read(ids)
            rows = [row for id in ids if id in users for row in _rows(users[id])]
            if self._written(table, ids, users, rows):
                return len(rows)
            merging.pause(attempt)
            table.refresh()
        raise Busy("others keep writing to the lake's users")

    def _written(self, table: Table, ids: list[str], users: Known, rows: Sequence[Row]) -> bool:
        """False when somebody else was faster."""
        theirs = one_of(USER, set(ids))
        there = table.scan(row_filter=theirs).to_arrow()
        if _told(there.to_pylist()) == _told(rows):
            return True
        now = self.now()
        made = merging.typed_rows(table, [[{**row, UPDATED: now} for row in rows]])
        try:
            with commits.transaction(table) as transaction:
                if there.num_rows:
                    transaction.delete(theirs)
                if rows:
                    transaction.append(made)
                # An erasure that began meanwhile may look for rows before these are there.
                if self.read(ids) != users:
                    raise _Overtaken
        except (CommitFailedException, ValidationException, _Overtaken):
            return False
        return True


def changed(event: StreamEvent) -> Iterator[str]:
    """Whom a stream of keys tells of; identities change with their owners, and are nobody."""
    for record in event["Records"]:
        place = str(record["dynamodb"]["Keys"][USER]["S"])
        if not place.startswith(PREFIX):
            yield place


def _rows(user: User) -> Iterator[dict[str, object]]:
    """One for each link; whoever has none is known all the same."""
    if user.is_leaving:
        return
    facts = {USER: user.user_id, "status": str(user.status), "since": user.since}
    for provider, id in sorted(user.links.items()):
        yield {**facts, "provider": provider, "provider_user_id": id}
    if not user.links:
        yield {**facts, "provider": None, "provider_user_id": None}


def _told(rows: Iterable[Mapping[str, object]]) -> set[tuple[object, ...]]:
    names = (USER, "provider", "provider_user_id", "status", "since")
    return {tuple(row[name] for name in names) for row in rows}


def deployed() -> Mirror:
    """Of the stack that this function belongs to."""
    table = boto3.resource("dynamodb").Table(settings().users_table)
    return Mirror(lambda ids: listing.known(table, ids), lake.deployed(), settings().database)
