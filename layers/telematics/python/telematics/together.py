"""Small objects that arrive in numbers: each claimed and accounted for, all merged at once."""

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self, TypeAlias

from telematics import dropping, sifting, versions
from telematics.catalog import PROVIDERS
from telematics.closed import Closed
from telematics.convert import MOST_STARTS, Loaded
from telematics.errors import Busy, DamagedDownload, MalformedPayload, TelematicsError
from telematics.intake import Claimed, Intake
from telematics.merging import Arrival, Merge
from telematics.raw import RawKey
from telematics.sifting import Sifted
from telematics.versions import Contents, Unreadable

Outcome: TypeAlias = Loaded | TelematicsError | None
MOST_ROWS = 100_000  # that are held in memory before they are merged
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Read:
    """An object that was read, as it is without people whose data may not be kept."""

    arrival: Arrival
    loaded: Loaded
    claimed: Claimed

    @property
    def key(self) -> RawKey:
        return self.arrival.key


@dataclass
class Together:
    """One batch of objects. `again` are to be loaded also if they were before.

    `_closed` is the last look at the gate.
    """

    intake: Intake
    again: Set[RawKey] = frozenset()
    _closed: Closed = field(default_factory=Closed)
    _outcomes: dict[RawKey, Outcome] = field(default_factory=dict)
    _read: list[Read] = field(default_factory=list)

    def take(self, keys: Iterable[RawKey]) -> Mapping[RawKey, Outcome]:
        """What became of each: see Intake.take, whose errors are handed over, not raised.

        Raises what kept some of them from being merged; then nobody has a claim any more.
        """
        waiting = list(dict.fromkeys(keys))
        self._closed = self.intake.closed() if waiting else self._closed
        while waiting:
            with ExitStack() as unsettled:
                self._read.clear()
                while waiting and self._rows < MOST_ROWS:
                    key = waiting.pop()
                    self._outcomes[key] = self._claimed(key, unsettled)
                self._look_again()
                self._merge()
                self._account()
                unsettled.pop_all()  # each verdict has ended its lease
        return self._outcomes

    @property
    def _rows(self) -> int:
        return sum(one.loaded.rows for one in self._read)

    def _claimed(self, key: RawKey, unsettled: ExitStack) -> Outcome:
        try:
            claimed = self.intake.claimed(key, again=key in self.again)
        except Busy as busy:
            return busy
        if claimed is None:
            return None
        unsettled.callback(self.intake.ledger.release, key, claimed.etag)
        try:
            read = self._contents(key, claimed)
        except DamagedDownload as damaged:
            now = self.intake.now()
            self.intake.ledger.load_failed(key, claimed.etag, error=str(damaged), now=now)
            return damaged
        self._read.append(read)
        return read.loaded

    def _look_again(self) -> None:
        """Right before it counts: who was closed while we read is left out as well."""
        for _ in range(MOST_STARTS):
            newer = self.intake.closed()
            is_the_same = not self._closed.lacks_any(newer)
            self._closed = newer
            if is_the_same:
                return
            self._read = [self._contents(one.key, one.claimed) for one in self._read]
            self._outcomes.update({one.key: one.loaded for one in self._read})
        raise Busy("people keep being closed")

    def _contents(self, key: RawKey, claimed: Claimed) -> Read:
        found, affected = claimed.found, claimed.affected(self._closed)
        with closing(self.intake.zone.open(key, found.etag)) as stream:
            body = stream.read()
        fetched_at = datetime.fromisoformat(found.fetched_at) if found.fetched_at else LONG_AGO
        contents, unreadable = parsed(key, body, fetched_at)
        dropped = 0
        if not affected.is_empty and dropping.may_name(contents, key.provider, affected):
            all_of_it, sifted = contents, sifting.sift(key, io.BytesIO(body), affected)
            contents, unreadable = left(key, sifted, fetched_at, affected)
            dropped = all_of_it.size - contents.size or sifted.removed.total()
        loaded = Loaded(contents.rows, len(contents.unreadable), unreadable, dropped)
        return Read(Arrival(key, contents), loaded, claimed)

    def _merge(self) -> None:
        by_provider: dict[str, list[Arrival]] = {}
        for one in self._read:
            by_provider.setdefault(one.key.provider, []).append(one.arrival)
        merge = Merge(self.intake.catalog, self.intake.database, self.intake.now())
        for provider, arrivals in by_provider.items():
            merge.run(provider, arrivals)

    def _account(self) -> None:
        for one in self._read:
            if one.loaded.dropped:
                self.intake.withdraw(one.key, one.claimed.affected(self._closed))
            self.intake.settle(one.key, one.claimed.etag, one.loaded)


@dataclass(frozen=True)
class Batch:
    """What one call has to load: what comes in numbers all at once, the rest one by one."""

    intake: Intake
    together: "Future[Mapping[RawKey, Outcome]]"
    again: Set[RawKey] = frozenset()

    @classmethod
    def begin(
        cls, intake: Intake, keys: Iterable[RawKey], *, again: Set[RawKey] = frozenset()
    ) -> Self:
        """A future keeps what was raised, for every message that relied on it."""
        numerous = [key for key in keys if comes_in_numbers(key)]
        with ThreadPoolExecutor(1) as worker:
            return cls(intake, worker.submit(Together(intake, again).take, numerous), again)

    def take(self, key: RawKey) -> Loaded | None:
        """See Intake.take."""
        if not comes_in_numbers(key):
            return self.intake.take(key, again=key in self.again)
        outcome = self.together.result()[key]
        if isinstance(outcome, TelematicsError):
            raise outcome
        return outcome


def comes_in_numbers(key: RawKey) -> bool:
    """Whether a provider sends it by the hundred, as it does what may have newer versions."""
    return key.provider in PROVIDERS and PROVIDERS[key.provider].sends_versions


def left(key: RawKey, sifted: Sifted, fetched_at: datetime, closed: Closed) -> tuple[Contents, str]:
    """As it will be read once it is withdrawn; what a sieve does not see is left out too."""
    if sifted.rest is None:
        return Contents(), ""
    with closing(sifted.rest) as rest:
        contents, unreadable = parsed(key, rest.read(), fetched_at)
    kept = [one for one in contents.things if not dropping.is_about(one, key.provider, closed)]
    return replace(contents, things=kept), unreadable


def parsed(key: RawKey, body: bytes, fetched_at: datetime) -> tuple[Contents, str]:
    """What is in it and, if nothing can be read, why."""
    try:
        return versions.contents(key, decompressed(key, body), fetched_at), ""
    except MalformedPayload as error:
        return Contents(unreadable=[Unreadable(None, str(error), "")]), str(error)


def decompressed(key: RawKey, body: bytes) -> bytes:
    if not key.extension.endswith(".gz"):
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedDownload(f"{key.extension}: {error}") from error
