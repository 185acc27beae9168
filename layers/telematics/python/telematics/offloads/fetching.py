"""One file from the provider into raw, whole or not at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from telematics import integrity
from telematics.errors import (
    DamagedDownload,
    InvalidRequest,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from telematics.events import Bus, OffloadStored
from telematics.ledger import Ledger, LedgerRow
from telematics.moments import stamp
from telematics.observability import logger
from telematics.offloads.sources import Download, FileChanged, ListedFile, OffloadSource
from telematics.raw import Provenance, StoredObject, Upload, Zone
from telematics.redaction import redacted

MOST_STARTS = 3  # of a file that changes while it is read


class Fetched(TypedDict):
    """What became of a file; nothing of it is secret."""

    outcome: Literal["stored", "unchanged", "failed"]
    file: str
    size: NotRequired[int]
    reason: NotRequired[str]


@dataclass(frozen=True)
class Fetch:
    """Everything that fetching touches."""

    source: OffloadSource
    ledger: Ledger
    zone: Zone
    bus: Bus
    now: datetime

    def file(self, provider: str, file: str) -> Fetched:
        """`file` is its place in the ledger.

        Raises ProviderBusy or DamagedDownload, once the ledger has it, for a later attempt.
        """
        row = self.ledger.get(provider, file)
        if row is None:
            raise InvalidRequest(f"the ledger has no {file} of {provider}: plan its day first")
        if not row.is_to_be_fetched:
            return _logged({"outcome": "unchanged", "file": file})
        try:
            stored = self._store(row)
        except ProviderRefused as refusal:
            return self._failed(row, refusal)
        except (ProviderBusy, DamagedDownload) as error:
            self._failed(row, error)
            raise
        return _logged({"outcome": "stored", "file": file, "size": stored.size})

    def _failed(self, row: LedgerRow, error: ProviderError) -> Fetched:
        reason = redacted(str(error))
        self.ledger.fetch_failed(row, reason=reason, now=self.now)
        return _logged({"outcome": "failed", "file": row.file, "reason": reason})

    def _store(self, row: LedgerRow) -> StoredObject:
        if not row.offload_type:
            raise ProviderRefused("the provider never listed this file")
        for _ in range(MOST_STARTS - 1):
            try:
                return self._store_once(row)
            except FileChanged as change:
                logger.info(str(change), extra={"file": row.file})
        return self._store_once(row)

    def _store_once(self, row: LedgerRow) -> StoredObject:
        file = ListedFile(row.key, row.offload_type, row.listed_size)
        with self.source.open(file) as download:
            row = self._as_announced(row, download)
            provenance = Provenance(stamp(self.now), download.request_id)
            with self.zone.upload(row.key, provenance) as upload:
                _copy(download, upload, row)
                stored = upload.complete()
        # The event first: a repeat after a failure in between tells it twice rather than never.
        self.bus.put(_event(row, stored))
        self.ledger.stored(row, stored, now=self.now)
        return stored

    def _as_announced(self, row: LedgerRow, download: Download) -> LedgerRow:
        """With its link the provider tells the file's size again; that one is newer."""
        size = download.size
        if size is None or size == row.listed_size:
            return row
        self.ledger.relisted(row, offload_type=row.offload_type, size=size, now=self.now)
        return row.model_copy(update={"listed_size": size})


def _copy(download: Download, upload: Upload, row: LedgerRow) -> None:
    check = integrity.check(row.key.extension)
    for piece in download:
        check.feed(piece)
        upload.write(piece)
        if row.listed_size is not None and upload.size > row.listed_size:
            raise DamagedDownload(f"more bytes came than the {row.listed_size} announced")
    check.finish()
    if row.listed_size is None and upload.size == 0:
        raise DamagedDownload("not a single byte came")
    if row.listed_size not in (None, upload.size):
        raise DamagedDownload(f"{upload.size} bytes came of the {row.listed_size} announced")


def _event(row: LedgerRow, stored: StoredObject) -> OffloadStored:
    return OffloadStored(
        provider=row.provider,
        day=row.day,
        dataset=row.dataset,
        raw_key=row.raw_key,
        size=stored.size,
        sha256=stored.sha256,
        etag=stored.etag,
    )


def _logged(fetched: Fetched) -> Fetched:
    level = logger.warning if fetched["outcome"] == "failed" else logger.info
    level("offload %s", fetched["outcome"], extra=dict(fetched))
    return fetched
