"""An object has arrived in raw: load it once, and account for it in the ledger."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from pyiceberg.catalog import Catalog

from telematics import lake, ledger, raw
from telematics.closed import Closed
from telematics.convert import Loaded, load
from telematics.dropping import Found
from telematics.errors import DamagedDownload
from telematics.ledger import Claim, Ledger
from telematics.observability import logger
from telematics.raw import RawKey, StoredObject, Zone
from telematics.settings import settings
from telematics.sifting import Sought
from telematics.users import gate
from telematics.users.gate import Gate
from telematics.withdrawal import Withdrawal

# A function runs for 15 minutes at most, and a message comes back only after that.
LEASE = timedelta(minutes=15, seconds=30)


@dataclass(frozen=True)
class Claimed:
    """An object that is ours to load. `again`: this very object was loaded before.

    Whatever came of people while they were blocked was taken out of it then: what it still has of
    them is from before, and stays.
    """

    found: StoredObject
    again: bool = False

    @property
    def etag(self) -> str:
        return self.found.etag

    def affected(self, closed: Closed) -> Closed:
        """Those of whom nothing of this object may be kept."""
        return closed.for_good if self.again else closed


@dataclass(frozen=True)
class Intake:
    """What loading needs: where raw is, the lake, the ledger, and whose data may not be kept.

    `now` tells the time.
    """

    zone: Zone
    catalog: Catalog
    database: str
    ledger: Ledger
    gate: Gate
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, key: RawKey, *, again: bool = False) -> Loaded | None:
        """None where there is nothing to do: it is gone, loaded, or somebody is loading it.

        `again` loads what was loaded before, too. Raises Busy while another version of it is being
        loaded, DamagedDownload when its bytes are broken, which the ledger then says as well: the
        file is fetched again.
        """
        claimed = self.claimed(key, again=again)
        if claimed is None:
            return None
        with self.released_without_verdict(key, claimed.etag):
            return self._load(key, claimed)

    def claimed(self, key: RawKey, *, again: bool = False) -> Claimed | None:
        """The object, if it is ours to load. Raises Busy while another version is being loaded."""
        found = self.zone.head(key)
        if found is None:
            return None
        claim = self._claim(key, found, forced=False)
        if claim is Claim.CLAIMED:
            return Claimed(found)
        if again and claim is Claim.DONE:
            claim = self._claim(key, found, forced=True)
            if claim is Claim.CLAIMED:
                return Claimed(found, again=True)
        logger.info("object needs no loading", extra={"claim": claim, "raw_key": str(key)})
        return None

    def _claim(self, key: RawKey, found: StoredObject, *, forced: bool) -> Claim:
        return self.ledger.claim(
            key, found.etag, size=found.size, now=self.now(), lease=LEASE, forced=forced
        )

    @contextmanager
    def released_without_verdict(self, key: RawKey, etag: str) -> Iterator[None]:
        """Whoever stops for any other reason must not keep others from trying again."""
        with ExitStack() as unsettled:
            unsettled.callback(self.ledger.release, key, etag)
            try:
                yield
            except DamagedDownload as error:
                self.ledger.load_failed(key, etag, error=str(error), now=self.now())
                raise
            unsettled.pop_all()  # the verdict has ended the lease

    def closed(self) -> Closed:
        """By a new look at the gate."""
        return Closed.now(self.gate)

    def settle(self, key: RawKey, etag: str, loaded: Loaded) -> None:
        """The verdict, which ends the lease. `rows` are those that are in the lake now."""
        now = self.now()
        if loaded.unreadable:
            self.ledger.quarantined(key, etag, reason=loaded.unreadable, now=now)
            return
        self.ledger.loaded(
            key,
            etag,
            rows=loaded.rows,
            quarantined=loaded.quarantined,
            dropped=loaded.dropped,
            now=now,
        )

    def withdraw(self, key: RawKey, sought: Sought) -> int:
        """How many records are not in raw any more; what is left is announced, and loaded again.

        Before the verdict: who stops in between does the same once more.
        """
        removed = Withdrawal(self.zone, self.ledger).withdraw(key, sought).total()
        if removed:
            logger.info("object withdrawn", extra={"raw_key": str(key), "records": removed})
        return removed

    def _load(self, key: RawKey, claimed: Claimed) -> Loaded:
        def closed() -> Closed:
            return claimed.affected(self.closed())

        loaded = load(
            key,
            lambda: self.zone.open(key, claimed.etag),
            catalog=self.catalog,
            database=self.database,
            loaded_at=self.now(),
            closed=closed,
        )
        if loaded.dropped:
            self.withdraw(key, Found(closed(), loaded.closed))
        elif loaded.unreadable and not (affected := closed()).is_empty:
            self.withdraw(key, affected)  # what makes no rows may name people all the same
        self.settle(key, claimed.etag, loaded)
        return loaded


@cache
def deployed() -> Intake:
    """For the stack that this function belongs to."""
    return Intake(
        zone=raw.deployed(),
        catalog=lake.deployed(),
        database=settings().database,
        ledger=ledger.deployed(),
        gate=gate.deployed(),
    )
