"""All that loading touches, with a gate that people are behind of, and a raw zone with versions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pyiceberg.catalog import Catalog

from telematics import tables
from telematics.convert import Loaded
from telematics.intake import Intake
from telematics.ledger import Ledger, LedgerRow
from telematics.raw import Provenance, RawKey
from telematics.together import Batch
from tests.unit import fakes
from tests.unit.conftest import DATABASE
from tests.unit.user_world import NOW, UserWorld
from tests.unit.versioned_s3 import VersionedS3

MOST_LOADS = 10


@dataclass
class GatedWorld:
    """`settled` loads whatever is announced, until nothing is any more."""

    catalog: Catalog
    users: UserWorld = field(default_factory=UserWorld)
    s3: VersionedS3 = field(default_factory=VersionedS3)
    ledger: Ledger = field(default_factory=fakes.ledger)
    now: datetime = datetime(2023, 6, 5, 12, tzinfo=UTC)

    @property
    def intake(self) -> Intake:
        return Intake(
            zone=self.s3.zone,
            catalog=self.catalog,
            database=DATABASE,
            ledger=self.ledger,
            gate=self.users.gate(),
            now=lambda: self.now,
        )

    def close(self, user_id: str, *, erased: bool = False, **links: str) -> None:
        directory = self.users.directory
        directory.add(user_id, links, now=NOW)
        if erased:
            directory.erase(user_id, now=NOW)
            directory.bury(user_id, erasure_id="erasure-1", now=NOW)
        else:
            directory.block(user_id, now=NOW)

    def put(self, key: RawKey, body: bytes, fetched_at: str = "2023-06-05T10:00:00Z") -> RawKey:
        self.s3.zone.put(key, body, Provenance(fetched_at=fetched_at))
        return key

    def settled(self) -> list[Loaded]:
        """What became of each load, in turn."""
        loads: list[Loaded] = []
        while keys := self.s3.heard():
            batch = Batch.begin(self.intake, keys)
            loads += [loaded for key in keys if (loaded := batch.take(key))]
            assert len(loads) < MOST_LOADS, "it never settles"
            self.now += timedelta(minutes=1)
        return loads

    def row(self, key: RawKey) -> LedgerRow:
        row = self.ledger.get(key.provider, key.file)
        assert row is not None
        return row

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            tables.ensure(self.catalog, DATABASE, table).scan().to_arrow().to_pylist()
        )
        return found

    def people(self, table: str) -> list[str]:
        return sorted(row["provider_user_id"] for row in self.rows(table))
