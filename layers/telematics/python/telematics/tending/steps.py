"""The steps of a night, as the state machine orders them: list the tables, then tend each.

Each call does as much as it has time for, and what it returns is the order for the next one. While
somebody is being erased nothing is touched: it is left for another night.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NotRequired, TypedDict

import boto3
from pyiceberg.catalog import Catalog

from telematics import http, lake
from telematics.erasure import rows
from telematics.erasure.files import History
from telematics.errors import InvalidRequest
from telematics.observability import logger
from telematics.settings import settings
from telematics.tending import plan
from telematics.tending.plan import Work
from telematics.tending.rewriting import Ended, Rewriting
from telematics.users import gate
from telematics.users.gate import Gate
from telematics.users.user import Status

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What a day takes at most, and what looking through a table's past does.
MILLISECONDS, MILLISECONDS_PER_MEGABYTE, MOST_MILLISECONDS = 60_000, 250, 720_000
PAST_MILLISECONDS = 180_000


class Request(TypedDict):
    """Without tables: all. Whoever asks for it by hand need not wait until a day is quiet."""

    tables: NotRequired[Sequence[str]]
    quiet_minutes: NotRequired[int]


class Order(TypedDict):
    """`after` is the day where the call before stopped; the numbers are of all calls so far.

    Of `files` there are `into` now. `deleted` are versions of files that only the past had.
    """

    table: str
    quiet_minutes: int
    after: str
    days: int
    files: int
    into: int
    bytes: int
    overtaken: int
    deleted: int
    is_postponed: bool
    is_done: bool


class Listed(TypedDict):
    """What is to be done, a table each."""

    orders: list[Order]


@dataclass(frozen=True)
class Tending:
    """What a table is kept tidy with. `kept_for` is how long its past can be asked for."""

    catalog: Catalog
    database: str
    client: "S3Client"
    gate: Gate
    kept_for: timedelta
    now: Callable[[], datetime] = http.utc_now

    def listed(self, request: Request) -> Listed:
        """Raises InvalidRequest for a table that there is not."""
        names = sorted(name for _, name in self.catalog.list_tables(self.database))
        ours = [name for name in names if rows.is_ours(name)]
        wanted = request.get("tables") or ours
        if strange := set(wanted) - set(ours):
            raise InvalidRequest(f"the lake has no table {', '.join(sorted(strange))}")
        quiet = request.get("quiet_minutes", int(plan.QUIET.total_seconds()) // 60)
        return {"orders": [begun(name, quiet_minutes=quiet) for name in wanted]}

    def tend(self, order: Order, remaining_milliseconds: Callable[[], int]) -> Order:
        """As much of it as there is time for."""
        told: Order = {**order}
        quiet = timedelta(minutes=order["quiet_minutes"])
        table = self.catalog.load_table((self.database, order["table"]))
        for work in plan.planned(table, now=self.now(), quiet=quiet):
            if work.name <= order["after"]:
                continue
            if remaining_milliseconds() < milliseconds(work):
                return told
            rewriting = Rewriting(table, work, self._may_go_on)
            ended = rewriting.run() if self._may_go_on() else Ended.FORBIDDEN
            if ended is Ended.FORBIDDEN:
                return {**told, "is_postponed": True, "is_done": True}
            told = _counted(told, rewriting, ended)
        if remaining_milliseconds() < PAST_MILLISECONDS:
            return told
        return self._shortened(told)

    def _shortened(self, told: Order) -> Order:
        """Whoever erases does the same, and more."""
        if not self._may_go_on():
            return {**told, "is_postponed": True, "is_done": True}
        table = self.catalog.load_table((self.database, told["table"]))
        history = History(table, self.client, self.now(), lambda past: past)
        deleted = history.shorten(self.now() - self.kept_for)
        return {**told, "deleted": told["deleted"] + deleted, "is_done": True}

    def _may_go_on(self) -> bool:
        return Status.ERASING not in self.gate.refreshed().marks.values()


def begun(table: str, *, quiet_minutes: int) -> Order:
    """Nothing is done yet."""
    return {
        "table": table,
        "quiet_minutes": quiet_minutes,
        "after": "",
        "days": 0,
        "files": 0,
        "into": 0,
        "bytes": 0,
        "overtaken": 0,
        "deleted": 0,
        "is_postponed": False,
        "is_done": False,
    }


def milliseconds(work: Work) -> int:
    """That it may take; a fresh call has them in any case."""
    needed = MILLISECONDS + MILLISECONDS_PER_MEGABYTE * (work.bytes >> 20)
    return min(needed, MOST_MILLISECONDS)


def _counted(told: Order, rewriting: Rewriting, ended: Ended) -> Order:
    work = rewriting.work
    logger.info(
        "day rewritten",
        extra={"files": len(work.files), "into": rewriting.files, "rows": work.rows, "how": ended},
    )
    if ended is Ended.OVERTAKEN:
        return {**told, "after": work.name, "overtaken": told["overtaken"] + 1}
    return {
        **told,
        "after": work.name,
        "days": told["days"] + 1,
        "files": told["files"] + len(work.files),
        "into": told["into"] + rewriting.files,
        "bytes": told["bytes"] + work.bytes,
    }


def deployed() -> Tending:
    """Of the stack that this function belongs to."""
    here = settings()
    return Tending(
        catalog=lake.deployed(),
        database=here.database,
        client=boto3.client("s3"),
        gate=gate.deployed(),
        kept_for=timedelta(days=here.lake_retention_days),
    )
