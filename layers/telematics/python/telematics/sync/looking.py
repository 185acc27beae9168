"""Events asked about one by one: their answers into raw, their files into the media bucket."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

from telematics.clips.devices import Devices
from telematics.enrichment.enriching import slices
from telematics.errors import ProviderBusy, ProviderError
from telematics.ledger import Ledger, LedgerRow, State
from telematics.raw import RawKey, Zone
from telematics.redaction import redacted
from telematics.sync.keeping import Keeper
from telematics.sync.progress import Progress
from telematics.sync.sources import Batch, EventSource, File, Kind, Look, Told

AT_ONCE = 4  # files are written in parts of some megabytes, each held twice
PATIENCE = timedelta(days=3)  # with what is refused: settings and servers get repaired
LONGEST = timedelta(days=60)  # with videos that are always about to come


class OutOfTime(Exception):
    """It is better to stop now, and to go on in the next run."""


@dataclass(frozen=True)
class Wanted:
    """An event to be looked at: its place in the ledger, and what is known of it."""

    key: RawKey
    told: Told | None = None
    row: LedgerRow | None = None


@dataclass
class Files:
    """What became of those of an event, by name. `is_cut`: time was up before all were tried."""

    kept: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    stored: int = 0
    is_cut: bool = False


@dataclass
class Counts:
    """What a run has done so far."""

    new: int = 0
    stored_files: int = 0
    failed_files: int = 0


@dataclass(frozen=True)
class Looking:
    """What it takes: the provider, raw, the media bucket, the ledger, and whose devices they are.

    What is of somebody behind the gate is not kept.
    """

    tracks: str  # the raw dataset of tracks
    source: EventSource
    zone: Zone
    ledger: Ledger
    progress: Progress
    keeper: Keeper
    devices: Devices
    severity: int
    out_of_time: Callable[[], bool] = lambda: False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    counts: Counts = field(default_factory=Counts)

    def take(self, wanted: Sequence[Wanted]) -> None:
        """Raises OutOfTime and ProviderBusy; what was had until then is accounted for."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for some in slices(wanted, AT_ONCE):
                if self.out_of_time():
                    raise OutOfTime
                looks = patient(list(pool.map(self._look, some)))
                files = list(pool.map(self._files, some, looks))
                for one, look, found in zip(some, looks, files, strict=True):
                    if not found.is_cut:
                        self._account(one, look, found)
                if any(one.is_cut for one in files):
                    raise OutOfTime

    def is_closed(self, person: str) -> bool:
        gate = self.devices.gate
        return bool(person) and gate.closed(self.progress.provider, person) is not None

    def _look(self, wanted: Wanted) -> Look | ProviderBusy:
        """What was answered is in raw before anything is done with it."""
        try:
            look = self.source.look(wanted.key.identity, wanted.told, now=self.now())
        except ProviderBusy as busy:
            return busy
        if self.is_closed(look.person):
            return Look("", is_expired=True)  # there is nothing more to come
        if look.entries:
            key = wanted.key
            Batch(key.dataset, key.day, key.identity, look.entries).store(self.zone, key.provider)
        return look

    def _files(self, wanted: Wanted, look: Look) -> Files:
        found = Files()
        if look.severity < self.severity:
            return found
        for file in look.files:
            if self.out_of_time():
                found.is_cut = True
                break
            try:
                self._keep(wanted.key, look, file, found)
            except ProviderError as error:
                found.lacking[file.name] = redacted(str(error))
        return found

    def _keep(self, event: RawKey, look: Look, file: File, found: Files) -> None:
        first = partial(self._tracked, event, look) if file.kind is Kind.TRACK else None
        kept = self.keeper.keep(media_key(event, file), file, first=first)
        found.kept[file.name] = kept.sha256
        found.stored += kept.is_new

    def _tracked(self, event: RawKey, look: Look, content: bytes) -> None:
        entry = self.source.track(content, look.about, now=self.now())
        Batch(self.tracks, event.day, event.identity, [entry]).store(self.zone, event.provider)

    def _account(self, wanted: Wanted, look: Look, found: Files) -> None:
        """An open event has its marker before its row says so, and keeps it until that ends."""
        row, now = wanted.row, self.now()
        kept = dict(row.kept) if row else {}
        kept |= {name: sha256 or kept.get(name, "") for name, sha256 in found.kept.items()}
        since = row.listed_at if row and row.listed_at else now
        state, reason = verdict(
            look, found.lacking, is_kept=bool(kept), severity=self.severity, open_for=now - since
        )
        facts: dict[str, object] = {
            "kept": kept,
            "lacking": found.lacking,
            "error": redacted(reason) or None,
            **({"digest": wanted.told.digest} if wanted.told else {}),
        }
        if state is State.LISTED:
            self.progress.open(wanted.key)
        self.ledger.asked(wanted.key, state, facts, now=now)
        if state is not State.LISTED and row and row.state is State.LISTED:
            self.progress.close(wanted.key)
        self.counts.new += row is None
        self.counts.stored_files += found.stored
        self.counts.failed_files += len(found.lacking)


def patient(looks: Sequence[Look | ProviderBusy]) -> list[Look]:
    """One event that nobody has time for must not stop the others; it is asked about again.

    Raises ProviderBusy where nobody has time for anything.
    """
    busy = [one for one in looks if isinstance(one, ProviderBusy)]
    if len(busy) == AT_ONCE:
        raise busy[0]
    return [Look("", refused=str(one)) if isinstance(one, ProviderBusy) else one for one in looks]


def verdict(
    look: Look,
    lacking: Mapping[str, str],
    *,
    is_kept: bool,
    severity: int,
    open_for: timedelta,
) -> tuple[State, str]:
    """Listed: it is to be looked at again. Failed: there will be no more, and why."""
    if look.is_expired:
        reason = _lost(look, lacking, is_kept=is_kept, severity=severity)
        return (State.FAILED, reason) if reason else (State.LOADED, "")
    reason = look.refused or _first(lacking)
    if not (reason or look.is_uploading):
        return State.LOADED, ""
    if open_for < (LONGEST if look.is_uploading else PATIENCE):
        return State.LISTED, reason
    return State.FAILED, reason or f"its videos have not come within {LONGEST.days} days"


def _lost(look: Look, lacking: Mapping[str, str], *, is_kept: bool, severity: int) -> str:
    if look.is_uploading:
        return "it expired before all its videos were there"
    if lacking:
        return f"it expired; {_first(lacking)}"
    if look.videos and not is_kept and look.severity >= severity:
        return "it expired before its files were stored"
    return look.refused


def _first(lacking: Mapping[str, str]) -> str:
    if not lacking:
        return ""
    name, reason = next(iter(lacking.items()))
    more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"{name}{more}: {reason}"


def media_key(event: RawKey, file: File) -> str:
    return f"{event.provider}/{quote(event.identity, safe='')}/{file.name}"
