"""A stored notification's details: asked for slice by slice, kept and accounted for."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from telematics import closed
from telematics.closed import BLOCKED
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.enrichment.sources import Details, Fate, NotifiedSource, Wanted
from telematics.errors import Busy, MalformedPayload
from telematics.events import Bus, TimelineReceived
from telematics.ledger import Ledger
from telematics.observability import logger
from telematics.raw import RawKey, StoredObject, Zone
from telematics.users.gate import Gate

T = TypeVar("T")

ENOUGH_BYTES = 4 << 20


@dataclass(frozen=True)
class Rounds:
    """When to ask again for what the provider did not know: soon at first, then ever later.

    After the last round what is unknown stays so until everything is listed anew at night.
    """

    most: int
    first_wait: timedelta
    longest_wait: timedelta = timedelta(minutes=15)

    def wait_after(self, number: int) -> timedelta | None:
        """After round `number`, the first being 0; None when there is no other."""
        if number >= self.most:
            return None
        doubled: timedelta = self.first_wait * 2**number
        return min(doubled, self.longest_wait)


@dataclass
class Progress:
    """How far a notification has come; `pending` holds the places of what is still to be asked.

    `version` is the etag of the object in which they have these places.
    """

    version: str
    items: int
    pending: list[int]
    refused: Counter[str] = field(default_factory=Counter)


@dataclass
class Answered:
    """What is waiting to be kept: one object of some megabytes is better than many small ones."""

    places: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def add(self, places: Sequence[int], details: Details) -> None:
        self.places += places
        self.entries += details.entries

    @property
    def bytes(self) -> int:
        return sum(len(one.body) for one in self.entries)

    def forget(self) -> None:
        self.places.clear()
        self.entries.clear()


@dataclass(frozen=True)
class Enrichment:
    """What it takes: the provider, where raw is, the ledger, the bus, and who is behind the gate.

    `out_of_time` tells when it is better to stop and go on with the same message later.
    """

    provider: str
    dataset: str
    source: NotifiedSource
    zone: Zone
    ledger: Ledger
    bus: Bus
    gate: Gate
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    out_of_time: Callable[[], bool] = lambda: False

    def take(self, key: RawKey, *, last_round: bool) -> Progress | None:
        """None where it is gone.

        Raises ProviderBusy, or Busy when time is up; what was answered until then is kept.
        """
        found = self.zone.head(key)
        if found is None:
            self._gone(key)
            return None
        wanted = self._wanted(key, found)
        progress, answered = self._progress(key, found, wanted), Answered()
        try:
            for places in slices(list(progress.pending), self.source.most):
                if self.out_of_time():
                    raise Busy("there is more to ask for than fits into one run")
                asked = self._allowed(progress, places, wanted)
                details = self._details(list(asked.values()))
                answered.add(places, details)
                account(progress, asked, details, last_round=last_round)
                if answered.bytes >= ENOUGH_BYTES:
                    self._keep(key, progress, answered)
                if details.busy:
                    raise details.busy
        finally:
            self._keep(key, progress, answered)
        return progress

    def _gone(self, key: RawKey) -> None:
        """All it told of was of people whose data may not be kept: there is nothing to wait for."""
        row = self.ledger.get(key.provider, key.file)
        if row is None or (row.items is not None and not row.pending):
            return
        progress = Progress("", row.items or 0, [], Counter(row.refused))
        progress.refused[BLOCKED] += len(row.pending)
        self._record(key, progress)

    def _allowed(
        self, progress: Progress, places: Sequence[int], wanted: Sequence[Wanted | None]
    ) -> dict[int, Wanted]:
        """Those that may be asked for, by their place; of the others there will be no details."""
        asked = {}
        for place in places:
            one = wanted[place]
            if one is None or closed.is_about_closed(self.gate, self.provider, one):
                progress.pending.remove(place)
                progress.refused[BLOCKED] += 1
            else:
                asked[place] = one
        return asked

    def _details(self, asked: Sequence[Wanted]) -> Details:
        return self.source.details(asked, now=self.now()) if asked else Details()

    def _wanted(self, key: RawKey, found: StoredObject) -> list[Wanted | None]:
        with self.zone.open(key, found.etag) as stream:
            body = stream.read()
        try:
            return self.source.wanted(key.dataset, body)
        except MalformedPayload:
            logger.info("nothing to ask for in what can't be read", extra={"raw_key": str(key)})
            return []

    def _progress(
        self, key: RawKey, found: StoredObject, wanted: Sequence[Wanted | None]
    ) -> Progress:
        row = self.ledger.get(key.provider, key.file)
        pending = [place for place, one in enumerate(wanted) if one]
        progress = Progress(found.etag, len(pending), pending)
        if row is not None and row.items is not None:
            progress.items = row.items
            if row.pending and row.detailed_version != found.etag:
                # Somebody's items were taken out of it: those of all others have other places now.
                progress.refused[BLOCKED] = max(row.items - len(pending), 0)
            else:
                progress.pending, progress.refused = list(row.pending), Counter(row.refused)
        elif pending:
            received = TimelineReceived(
                provider=self.provider,
                raw_key=str(key),
                sha256=found.sha256,
                items=progress.items,
            )
            self.bus.put(received)
        self._record(key, progress)
        return progress

    def _keep(self, key: RawKey, progress: Progress, answered: Answered) -> None:
        """Under a name made from the question, so that the same question overwrites itself.

        Only what is in raw counts as answered.
        """
        question = hashlib.sha256(repr(answered.places).encode()).hexdigest()
        envelope.store_parts(
            self.zone,
            provider=self.provider,
            dataset=self.dataset,
            day=key.day,
            identity=f"{key.identity[:32]}-{question[:16]}",
            entries=answered.entries,
        )
        if answered.places:
            self._record(key, progress)
        answered.forget()

    def _record(self, key: RawKey, progress: Progress) -> None:
        self.ledger.detailed(
            key,
            items=progress.items,
            pending=progress.pending,
            refused=progress.refused,
            version=progress.version,
            now=self.now(),
        )


def account(
    progress: Progress, asked: Mapping[int, Wanted], details: Details, *, last_round: bool
) -> None:
    """What is incomplete in the last round stays so; what is unknown may be known at night."""
    ended = {Fate.INCOMPLETE} if last_round else set()
    for place, one in asked.items():
        fate, reason = details.later.get(one), details.refused.get(one)
        if fate is None or fate in ended:
            progress.pending.remove(place)
        if reason or fate in ended:
            progress.refused[reason or f"{fate}"] += 1


def slices(all_of_them: Sequence[T], most: int) -> Iterator[list[T]]:
    rest = iter(all_of_them)
    while part := list(islice(rest, most)):
        yield part
