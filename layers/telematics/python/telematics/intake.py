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

    def take(self, key: RawKey) -> Loaded | None:
        """None where there is nothing to do: it is gone, loaded, or somebody is loading it.

        Raises Busy while another version of it is being loaded, DamagedDownload when its bytes
        are broken, which the ledger then says as well: the file is fetched again.
        """
        found = self.claimed(key)
        if found is None:
            return None
        with self.released_without_verdict(key, found.etag):
            return self._load(key, found.etag)

    def claimed(self, key: RawKey) -> StoredObject | None:
        """The object, if it is ours to load. Raises Busy while another version is being loaded."""
        found = self.zone.head(key)
        if found is None:
            return None
        claim = self.ledger.claim(key, found.etag, size=found.size, now=self.now(), lease=LEASE)
        if claim is Claim.CLAIMED:
            return found
        logger.info("object needs no loading", extra={"claim": claim, "raw_key": str(key)})
        return None

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

    def _load(self, key: RawKey, etag: str) -> Loaded:
        loaded = load(
            key,
            lambda: self.zone.open(key, etag),
            catalog=self.catalog,
            database=self.database,
            loaded_at=self.now(),
            closed=self.closed,
        )
        if loaded.dropped:
            self.withdraw(key, Found(self.closed(), loaded.closed))
        elif loaded.unreadable:
            self._withdraw_unread(key)
        self.settle(key, etag, loaded)
        return loaded

    def _withdraw_unread(self, key: RawKey) -> None:
        """What makes no rows may name people all the same."""
        if not (closed := self.closed()).is_empty:
            self.withdraw(key, closed)


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
