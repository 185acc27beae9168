"""What became of what was sent to be loaded again, by the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from infra.cli import ledger
from infra.cli.replaying.choice import Place
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from telematics.raw import RawKey


@dataclass
class Result:
    """`quarantined` are rows, all else is objects. `left` are those that nobody has loaded since.

    `unreadable`: of them not a row could be read.
    """

    loaded: int = 0
    unreadable: int = 0
    failed: int = 0
    left: int = 0
    rows: int = 0
    quarantined: int = 0


def of(deployment: Deployment, keys: "Iterator[RawKey]", *, since: datetime) -> Result:
    """`keys` are those of one day and dataset after those of another."""
    result = Result()
    for (place, day), some in groupby(keys, key=_whose):
        sent = {key.file for key in some}
        for row in ledger.files(deployment, place.provider, place.dataset, day):
            if row.file not in sent:
                continue
            sent.discard(row.file)
            is_new = row.loaded_at is not None and row.loaded_at >= since
            match row.state:
                case "failed":
                    result.failed += 1
                case "loaded" if is_new:
                    result.loaded += 1
                    result.rows += row.rows or 0
                    result.quarantined += row.quarantined or 0
                case "quarantined" if is_new:
                    result.unreadable += 1
                case _:
                    result.left += 1
        result.left += len(sent)
    return result


def _whose(key: "RawKey") -> tuple[Place, date]:
    return Place(key.provider, key.dataset), key.day
