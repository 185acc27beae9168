"""Whether everything that was listed for a day is in raw, and what is missing."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypedDict

from telematics.events import MOST_NAMED, Bus, MissingFile, OffloadDayComplete, OffloadDayIncomplete
from telematics.ledger import Ledger, LedgerRow, State
from telematics.observability import logger

IN_RAW = (State.STORED, State.LOADED)


class Account(TypedDict):
    """A day in numbers."""

    outcome: Literal["complete", "incomplete"]
    day: str
    files: int
    missing: int


def account(ledger: Ledger, bus: Bus, *, provider: str, day: date) -> Account:
    """Tells the bus how the day stands. A file that can't be read is missing as well."""
    rows = list(ledger.rows(provider, day, day))
    missing = [_missing(row) for row in rows if row.state not in IN_RAW]
    bus.put(
        _incomplete(provider, day, rows, missing) if missing else _complete(provider, day, rows)
    )
    result: Account = {
        "outcome": "incomplete" if missing else "complete",
        "day": day.isoformat(),
        "files": len(rows),
        "missing": len(missing),
    }
    logger.info("offload day %s", result["outcome"], extra=dict(result))
    return result


def _complete(provider: str, day: date, rows: Sequence[LedgerRow]) -> OffloadDayComplete:
    size = sum(row.stored_size or 0 for row in rows)
    return OffloadDayComplete(provider=provider, day=day, files=len(rows), bytes=size)


def _incomplete(
    provider: str, day: date, rows: Sequence[LedgerRow], missing: Sequence[MissingFile]
) -> OffloadDayIncomplete:
    return OffloadDayIncomplete(
        provider=provider,
        day=day,
        files=len(rows),
        missing=len(missing),
        missing_files=missing[:MOST_NAMED],
    )


def _missing(row: LedgerRow) -> MissingFile:
    return MissingFile(file=row.file, reason=row.error or "not fetched yet")
