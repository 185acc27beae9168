"""Days of which a provider's files are not all in the lake by noon, UTC, of the next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from telematics.attention.problem import Kind, Problem
from telematics.catalog import PROVIDERS
from telematics.ledger import Ledger, LedgerRow, State

NOON = time(12, tzinfo=UTC)
JUDGED_DAYS = 7  # what nobody could mend for a week is left to `telematics status`
KNOWN_DAYS = 14
ONE_DAY = timedelta(days=1)


def incomplete(ledger: Ledger, *, now: datetime) -> Iterator[Problem]:
    """The newest first. Of a provider that told of no day before a day, none is expected."""
    for name, provider in PROVIDERS.items():
        if provider.fetches_offloads:
            yield from _of(ledger, name, last_due(now))


def last_due(now: datetime) -> date:
    today = now.astimezone(UTC)
    return today.date() - (ONE_DAY if today.timetz() >= NOON else 2 * ONE_DAY)


def _of(ledger: Ledger, provider: str, last: date) -> Iterator[Problem]:
    files: dict[date, list[LedgerRow]] = {}
    for row in ledger.rows(provider, last - (KNOWN_DAYS - 1) * ONE_DAY, last):
        files.setdefault(row.day, []).append(row)
    for day in (last - ago * ONE_DAY for ago in range(JUDGED_DAYS)):
        what = _amiss(files[day]) if day in files else "nothing was listed"
        if what and any(known <= day for known in files):
            yield Problem(
                Kind.DAY_INCOMPLETE,
                f"{provider}/{day}",
                f"{provider}, {day}: {what}",
                f"telematics fetch {provider} --from {day} --to {day}",
                datetime.combine(day + ONE_DAY, NOON),
            )


def _amiss(rows: Sequence[LedgerRow]) -> str:
    """By state; what an error says may be of somebody, and is left where it is."""
    states = Counter(row.state for row in rows if row.state is not State.LOADED)
    if not states:
        return ""
    told = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{states.total()} of {len(rows)} files are not in the lake ({told})"
