"""What is to be fetched: what the provider lists, compared with what the ledger knows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from telematics.ledger import Ledger, LedgerRow, State
from telematics.observability import logger
from telematics.offloads.period import Period
from telematics.offloads.sources import ListedFile, OffloadSource

# An object is loaded minutes after it was stored; after this long its event must have been lost.
OVERDUE = timedelta(hours=1)


class Need(StrEnum):
    """Why a listed file is fetched, or that it isn't."""

    NEW = "new"
    CHANGED = "changed"  # it has another size than the one we know
    UNFINISHED = "unfinished"  # listed before, and not fetched or not loaded
    LOST = "lost"  # stored, but nobody came to load it
    KNOWN = "known"


class Counts(TypedDict):
    """What a plan comes to."""

    listed: int
    to_fetch: int
    new: int
    changed: int
    unfinished: int
    lost: int
    known: int
    empty_days: int
    ignored: int


class Summary(Counts):
    """What the state machine gets: the days with something to fetch, as YYYY-MM-DD."""

    days: list[str]


@dataclass(frozen=True)
class Plan:
    """Why each listed file is fetched or not, the days without any file, what made no sense."""

    needs: Mapping[ListedFile, Need]
    empty_days: int
    ignored: int

    @property
    def days(self) -> list[date]:
        return sorted({one.key.day for one, need in self.needs.items() if need is not Need.KNOWN})

    @property
    def counts(self) -> Counts:
        count = Counter(self.needs.values())
        return {
            "listed": len(self.needs),
            "to_fetch": len(self.needs) - count[Need.KNOWN],
            "new": count[Need.NEW],
            "changed": count[Need.CHANGED],
            "unfinished": count[Need.UNFINISHED],
            "lost": count[Need.LOST],
            "known": count[Need.KNOWN],
            "empty_days": self.empty_days,
            "ignored": self.ignored,
        }

    def summary(self) -> Summary:
        return {**self.counts, "days": [day.isoformat() for day in self.days]}


def plan(
    source: OffloadSource, ledger: Ledger, *, provider: str, period: Period, now: datetime
) -> Plan:
    """Writes into the ledger what is new or changed; doing so twice changes nothing."""
    needs: dict[ListedFile, Need] = {}
    ignored = 0
    for window in period.windows():
        listing = source.list_files(first=window.first, last=window.last)
        known = {row.file: row for row in ledger.rows(provider, window.first, window.last)}
        for file in listing.files:
            row = known.get(file.key.file)
            needs[file] = need(file, row, now=now)
            _write(ledger, file, row, needs[file], now=now)
        ignored += listing.ignored
    made = Plan(needs, len(period) - len({file.key.day for file in needs}), ignored)
    logger.info("offloads planned", extra={"offload_days": str(period), **made.counts})
    return made


def need(file: ListedFile, row: LedgerRow | None, *, now: datetime) -> Need:
    if row is None:
        return Need.NEW
    if _is_resized(file, row):
        return Need.CHANGED
    is_lost = row.state is State.STORED and _is_overdue(row, now)
    if not (row.is_to_be_fetched or is_lost):
        return Need.KNOWN
    if not row.offload_type:  # the row is `convert`'s, and doesn't say what to ask for
        return Need.CHANGED
    return Need.LOST if is_lost else Need.UNFINISHED


def _is_overdue(row: LedgerRow, now: datetime) -> bool:
    return row.stored_at is None or row.stored_at < now - OVERDUE


def _is_resized(file: ListedFile, row: LedgerRow) -> bool:
    """A row that `convert` made knows only what was stored."""
    known = row.stored_size if row.listed_size is None else row.listed_size
    return None not in (file.size, known) and file.size != known


def _write(
    ledger: Ledger, file: ListedFile, row: LedgerRow | None, need: Need, *, now: datetime
) -> None:
    if row is None:
        ledger.listed(file.key, offload_type=file.offload_type, size=file.size, now=now)
    elif need is Need.CHANGED:
        ledger.relisted(row, offload_type=file.offload_type, size=file.size, now=now)
    elif need is Need.LOST:
        ledger.lost(row)
