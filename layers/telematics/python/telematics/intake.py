"""An object has arrived in raw: load it once, and account for it in the ledger."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyiceberg.catalog import Catalog

from telematics.convert import Loaded, load
from telematics.errors import DamagedDownload
from telematics.ledger import Claim, Ledger
from telematics.observability import logger
from telematics.raw import RawKey, StoredObject, Zone

# A function runs for 15 minutes at most, and a message comes back only after that.
LEASE = timedelta(minutes=15, seconds=30)


@dataclass(frozen=True)
class Intake:
    """What loading needs: where raw is, the lake, and the ledger. `now` tells the time."""

    zone: Zone
    catalog: Catalog
    database: str
    ledger: Ledger
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

    def _load(self, key: RawKey, etag: str) -> Loaded:
        loaded = load(
            key,
            lambda: self.zone.open(key, etag),
            catalog=self.catalog,
            database=self.database,
            loaded_at=self.now(),
        )
        if loaded.unreadable:
            self.ledger.quarantined(key, etag, reason=loaded.unreadable, now=self.now())
        else:
            self.ledger.loaded(
                key, etag, rows=loaded.rows, quarantined=loaded.quarantined, now=self.now()
            )
        return loaded
