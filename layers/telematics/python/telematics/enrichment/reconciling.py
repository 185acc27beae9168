"""Everything that some people have at the provider, against what the lake has of it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from pydantic import BaseModel, ConfigDict

from telematics.enrichment import envelope
from telematics.enrichment.enriching import slices
from telematics.enrichment.sources import Listed, ListedSource
from telematics.errors import Forbidden, NotFound
from telematics.ledger import Ledger
from telematics.raw import RawKey, Zone
from telematics.users.gate import Gate

AT_ONCE = 8
DATASET = "reconciliation"
NOTIFIED = ""  # in place of a digest: we were told that it is there, and have nothing of it


class Request(BaseModel):
    """One batch of people. `people` has, for each, the digests of what the lake holds, by key.

    `day` is that of the run, of which this is batch number `batch`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    day: date
    batch: int
    first: datetime
    last: datetime
    people: Mapping[str, Mapping[str, str]] = field(repr=False)


@dataclass
class Found:
    """Of what the provider lists: what nobody told us of, what we were told of but do not have,
    and what has changed. `unasked` are people whom we may not ask about."""

    people: int = 0
    unasked: int = 0
    listed: int = 0
    missed: int = 0
    late: int = 0
    changed: int = 0
    wanted: list[Listed] = field(default_factory=list, repr=False)

    @property
    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    @property
    def percent(self) -> float:
        """How much of it the lake had all along."""
        return 100 * (1 - (self.missed + self.late) / self.listed) if self.listed else 100.0

    def compare(self, listed: Sequence[Listed], known: Mapping[str, str]) -> None:
        self.listed += len(listed)
        for one in listed:
            match known.get(one.key):
                case None:
                    self.missed += 1
                case str(digest) if digest == NOTIFIED:
                    self.late += 1
                case str(digest) if digest != one.digest:
                    self.changed += 1
                case _:
                    continue
            self.wanted.append(one)


@dataclass(frozen=True)
class Reconciliation:
    """What it takes: the provider, where raw is, the ledger, and who is behind the gate."""

    provider: str
    dataset: str
    source: ListedSource
    zone: Zone
    ledger: Ledger
    gate: Gate
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, request: Request) -> Found:
        """Raises ProviderBusy; what was answered until then is kept, and found again."""
        found = self._compared(request)
        for number, part in enumerate(slices(found.wanted, self.source.most)):
            self._fetch(request, number, part)
        key = RawKey(self.provider, DATASET, request.day, f"{request.batch:05d}", "json")
        self.ledger.reconciled(key, found.counts, now=self.now())
        return found

    def _compared(self, request: Request) -> Found:
        found = Found(people=len(request.people))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            listings = pool.map(lambda person: self._listing(request, person), request.people)
            for known, listed in zip(request.people.values(), listings, strict=True):
                if listed is None:
                    found.unasked += 1
                else:
                    found.compare(listed, known)
        return found

    def _listing(self, request: Request, person: str) -> Sequence[Listed] | None:
        """None for somebody whom we may not ask about, or whom the provider does not know."""
        if self.gate.closed(self.provider, person) is not None:
            return None
        try:
            return self.source.listing(person, first=request.first, last=request.last)
        except (Forbidden, NotFound):
            return None

    def _fetch(self, request: Request, number: int, part: Sequence[Listed]) -> None:
        details = self.source.of_listed(part, now=self.now())
        which = hashlib.sha256("\n".join(one.key for one in part).encode()).hexdigest()
        envelope.store_parts(
            self.zone,
            provider=self.provider,
            dataset=self.dataset,
            day=request.day,
            identity=f"{DATASET}-{request.batch:05d}-{number:03d}-{which[:16]}",
            entries=details.entries,
        )
        if details.busy:
            raise details.busy
