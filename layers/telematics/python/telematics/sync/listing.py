"""What a provider's lists tell, against what the ledger has of it: new, changed, or left open."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telematics.ledger import LedgerRow, State
from telematics.raw import RawKey
from telematics.sync.looking import Looking, OutOfTime, Wanted
from telematics.sync.progress import Chain
from telematics.sync.sources import Batch, Page, Told
from telematics.sync.windows import Window

LONGEST_PAUSE = timedelta(hours=6)
EXTENSION = "json"  # in the ledger; the object in raw, which is packed, has a row of its own


@dataclass
class Events:
    """Of one provider. `dataset` is the raw dataset of lists and of each event."""

    provider: str
    dataset: str
    looking: Looking
    listed: int = 0

    def take(self, window: Window, chain: Chain, *, failed_too: bool = False) -> None:
        """Those of a day, or of a part of one. Raises OutOfTime and ProviderBusy."""
        if self.looking.out_of_time():
            raise OutOfTime
        now = self.looking.now()
        pages = self.looking.source.listed(window.first, window.last, now=now)
        told = {one.id: one for page in pages for one in page.events}
        rows = self._known(window, told.values())
        allowed = self._allowed(told.values(), rows)
        changed = {one.id for one in allowed if is_changed(one, rows.get(one.id))}
        self._keep(pages, window, changed)
        self.looking.take(
            [
                Wanted(self._place(one), one, rows.get(one.id))
                for one in allowed
                if self._is_wanted(one, rows.get(one.id), chain, failed_too=failed_too)
            ]
        )
        self.listed += len(told)  # not before: the next run takes the whole of it again

    def _allowed(self, told: Collection[Told], rows: Mapping[str, LedgerRow]) -> Sequence[Told]:
        """Those of people whose data may be kept.

        The others are not waited for any more; should that end, they are new.
        """
        self.looking.devices.note(self.provider, (one.drive for one in told if one.drive))
        allowed = []
        for one in told:
            row = rows.get(one.id)
            if not self.looking.is_closed(one.person):
                allowed.append(one)
            elif row is not None and row.state is State.LISTED:
                self.looking.progress.forget_event(self._place(one))
        return allowed

    def take_open(self, chain: Chain) -> None:
        """Also those that no list tells of any more."""
        wanted, now = [], self.looking.now()
        for key in self.looking.progress.all_open():
            row = self.looking.ledger.get(key.provider, key.file)
            if row is not None and row.state is not State.LISTED:
                self.looking.progress.close(key)
            elif row is None or (not was_asked(row, chain) and is_due(row, now=now)):
                wanted.append(Wanted(key, None, row))
        self.looking.take(wanted)

    def _is_wanted(
        self, event: Told, row: LedgerRow | None, chain: Chain, *, failed_too: bool
    ) -> bool:
        """Each once in a chain of runs, even if lists keep changing: so every chain ends."""
        if row is None:
            return True
        if was_asked(row, chain):
            return False
        is_asked_for = failed_too and row.state in (State.LISTED, State.FAILED)
        return is_asked_for or is_changed(event, row) or is_due(row, now=self.looking.now())

    def _known(self, window: Window, told: Iterable[Told]) -> Mapping[str, LedgerRow]:
        """What the ledger has of these, by their ids. Of one day it is read at once."""
        day = window.first.date()
        of_the_day = {row.file: row for row in self.looking.ledger.rows(self.provider, day, day)}
        found = {}
        for one in told:
            key = self._place(one)
            row = (
                of_the_day.get(key.file)
                if one.day == day
                else self.looking.ledger.get(key.provider, key.file)
            )
            if row is not None:
                found[one.id] = row
        return found

    def _keep(self, pages: Sequence[Page], window: Window, changed: set[str]) -> None:
        """Pages with something new, under names made from what they tell."""
        for page in pages:
            if not page.unknown and changed.isdisjoint(one.id for one in page.events):
                continue
            told = "\n".join(f"{one.id} {one.digest}" for one in page.events)
            digest = hashlib.sha256(f"{page.unknown}\n{told}".encode()).hexdigest()
            name = f"listing-{digest[:32]}"
            batch = Batch(self.dataset, window.first.date(), name, [page.entry])
            batch.store(self.looking.zone, self.provider)

    def _place(self, event: Told) -> RawKey:
        return RawKey(self.provider, self.dataset, event.day, event.id, EXTENSION)


def is_changed(event: Told, row: LedgerRow | None) -> bool:
    return row is None or row.digest != event.digest


def is_due(row: LedgerRow, *, now: datetime) -> bool:
    """Open, and ripe: what is new is looked at in every run, what is old ever more seldom."""
    age = now - (row.listed_at or now)
    is_ripe = row.asked_at is None or now - row.asked_at >= min(age / 8, LONGEST_PAUSE)
    return row.state is State.LISTED and is_ripe


def was_asked(row: LedgerRow, chain: Chain) -> bool:
    return row.asked_at is not None and row.asked_at >= chain.begun
