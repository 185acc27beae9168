"""Small objects that arrive in numbers: each claimed and accounted for, all merged at once."""

import gzip
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self, TypeAlias

from telematics import versions
from telematics.catalog import PROVIDERS
from telematics.convert import Loaded
from telematics.errors import Busy, DamagedDownload, MalformedPayload, TelematicsError
from telematics.intake import Intake
from telematics.merging import Arrival, Merge
from telematics.raw import RawKey, StoredObject
from telematics.versions import Contents, Unreadable

Outcome: TypeAlias = Loaded | TelematicsError | None
MOST_ROWS = 100_000  # that are held in memory before they are merged
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Together:
    """One batch of objects."""

    intake: Intake
    _outcomes: dict[RawKey, Outcome] = field(default_factory=dict)
    _arrivals: list[tuple[Arrival, Loaded, str]] = field(default_factory=list)

    def take(self, keys: Iterable[RawKey]) -> Mapping[RawKey, Outcome]:
        """What became of each: see Intake.take, whose errors are handed over, not raised.

        Raises what kept some of them from being merged; then nobody has a claim any more.
        """
        waiting = list(dict.fromkeys(keys))
        while waiting:
            with ExitStack() as unsettled:
                self._arrivals.clear()
                while waiting and self._rows < MOST_ROWS:
                    key = waiting.pop()
                    self._outcomes[key] = self._read(key, unsettled)
                self._merge()
                self._account()
                unsettled.pop_all()  # each verdict has ended its lease
        return self._outcomes

    @property
    def _rows(self) -> int:
        return sum(loaded.rows for _, loaded, _ in self._arrivals)

    def _read(self, key: RawKey, unsettled: ExitStack) -> Outcome:
        try:
            found = self.intake.claimed(key)
        except Busy as busy:
            return busy
        if found is None:
            return None
        unsettled.callback(self.intake.ledger.release, key, found.etag)
        try:
            contents, unreadable = self._contents(key, found)
        except DamagedDownload as damaged:
            now = self.intake.now()
            self.intake.ledger.load_failed(key, found.etag, error=str(damaged), now=now)
            return damaged
        loaded = Loaded(contents.rows, len(contents.unreadable), unreadable)
        self._arrivals.append((Arrival(key, contents), loaded, found.etag))
        return loaded

    def _contents(self, key: RawKey, found: StoredObject) -> tuple[Contents, str]:
        """What is in it and, if nothing can be read, why."""
        with closing(self.intake.zone.open(key, found.etag)) as stream:
            body = stream.read()
        fetched_at = datetime.fromisoformat(found.fetched_at) if found.fetched_at else LONG_AGO
        try:
            return versions.contents(key, decompressed(key, body), fetched_at), ""
        except MalformedPayload as error:
            return Contents(unreadable=[Unreadable(None, str(error), "")]), str(error)

    def _merge(self) -> None:
        by_provider: dict[str, list[Arrival]] = {}
        for arrival, _, _ in self._arrivals:
            by_provider.setdefault(arrival.key.provider, []).append(arrival)
        merge = Merge(self.intake.catalog, self.intake.database, self.intake.now())
        for provider, arrivals in by_provider.items():
            merge.run(provider, arrivals)

    def _account(self) -> None:
        ledger, now = self.intake.ledger, self.intake.now()
        for arrival, loaded, etag in self._arrivals:
            if loaded.unreadable:
                ledger.quarantined(arrival.key, etag, reason=loaded.unreadable, now=now)
                continue
            ledger.loaded(
                arrival.key, etag, rows=loaded.rows, quarantined=loaded.quarantined, now=now
            )


@dataclass(frozen=True)
class Batch:
    """What one call has to load: what comes in numbers all at once, the rest one by one."""

    intake: Intake
    together: "Future[Mapping[RawKey, Outcome]]"

    @classmethod
    def begin(cls, intake: Intake, keys: Iterable[RawKey]) -> Self:
        """A future keeps what was raised, for every message that relied on it."""
        numerous = [key for key in keys if comes_in_numbers(key)]
        with ThreadPoolExecutor(1) as worker:
            return cls(intake, worker.submit(Together(intake).take, numerous))

    def take(self, key: RawKey) -> Loaded | None:
        """See Intake.take."""
        if not comes_in_numbers(key):
            return self.intake.take(key)
        outcome = self.together.result()[key]
        if isinstance(outcome, TelematicsError):
            raise outcome
        return outcome


def comes_in_numbers(key: RawKey) -> bool:
    """Whether a provider sends it by the hundred, as it does what may have newer versions."""
    return key.provider in PROVIDERS and PROVIDERS[key.provider].sends_versions


def decompressed(key: RawKey, body: bytes) -> bytes:
    if not key.extension.endswith(".gz"):
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedDownload(f"{key.extension}: {error}") from error
