"""Plan, fetch and convert side by side in any order: in the end the lake has the newest file."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telematics.errors import Busy
from telematics.ledger import Claim, Ledger, LedgerRow, State
from telematics.offloads.period import Period
from telematics.offloads.planning import plan
from telematics.offloads.sources import ListedFile, Listing
from telematics.raw import RawKey, StoredObject
from tests.unit import fakes

DAY = date(2023, 6, 4)
KEY = RawKey("sentiance", "transports", DAY, "transports", "csv.gz")
LEASE = timedelta(minutes=15)
STEPS = (
    *("publish", "plan", "begin", "overtake", "upload", "record"),
    *("claim", "load", "die", "fail", "wait"),
)


@dataclass
class Copying:
    """A fetch under way: what it read in the ledger, and the version it downloads."""

    row: LedgerRow
    stored: StoredObject


@dataclass
class World:
    """One file in all its places. The provider's version is also its size."""

    version: int = 1
    now: datetime = datetime(2023, 6, 5, tzinfo=UTC)
    ledger: Ledger = field(default_factory=fakes.ledger)
    downloading: list[Copying] = field(default_factory=list)
    uploaded: list[Copying] = field(default_factory=list)
    in_raw: StoredObject | None = None
    messages: int = 0
    loading: StoredObject | None = None
    in_lake: str = ""

    def list_files(self, *, first: date, last: date) -> Listing:
        return Listing((ListedFile(KEY, "OFFLOAD_TYPE_TRANSPORTS", self.version),))

    def open(self, file: ListedFile) -> None:
        raise AssertionError("this world downloads by itself")

    def publish(self) -> None:
        self.version = 3 - self.version  # two versions, in turns

    def plan(self) -> int:
        made = plan(self, self.ledger, provider="sentiance", period=Period(DAY, DAY), now=self.now)  # type: ignore[arg-type]  # `open` is not asked for
        return made.counts["to_fetch"]

    def begin(self) -> None:
        row = self.ledger.get("sentiance", KEY.file)
        if row is not None and row.is_to_be_fetched and row.listed_size == self.version:
            stored = StoredObject(f"etag-{self.version}", self.version, "sha")
            self.downloading.append(Copying(row, stored))

    def overtake(self) -> None:
        """The download that began last ends first."""
        self.downloading.reverse()

    def upload(self) -> None:
        if self.downloading:
            self.uploaded.append(self.downloading.pop(0))
            self.in_raw = self.uploaded[-1].stored
            self.messages += 1

    def record(self) -> None:
        if self.uploaded:
            copied = self.uploaded.pop(0)
            self.ledger.stored(copied.row, copied.stored, now=self.now)

    def claim(self) -> None:
        if not self.messages or self.in_raw is None:
            return
        found = self.in_raw
        try:
            claim = self.ledger.claim(KEY, found.etag, size=found.size, now=self.now, lease=LEASE)
        except Busy:
            return
        self.messages -= 1
        if claim is Claim.CLAIMED:
            self.loading = found

    def load(self) -> None:
        if self.loading is not None:
            self.in_lake = self.loading.etag
            self.ledger.loaded(KEY, self.loading.etag, rows=1, quarantined=0, now=self.now)
            self.loading = None

    def die(self) -> None:
        """The lease goes on without its holder, whose message comes back when it has ended."""
        if self.loading is not None:
            self.loading = None
            self.messages += 1
            self.now += LEASE

    def fail(self) -> None:
        if self.loading is not None:
            self.ledger.load_failed(KEY, self.loading.etag, error="broken", now=self.now)
            self.loading = None

    def wait(self) -> None:
        """Not while somebody is loading: nobody may outlive the lease."""
        if self.loading is None:
            self.now += timedelta(hours=2)

    def settle(self) -> None:
        """Everything under way comes to its end, then the next day's plan."""
        for step in ("load", *("upload", "record") * 9, *("claim", "load") * 30):
            getattr(self, step)()
        self.wait()


TWO_DOWNLOADS = ("plan", "begin", "publish", "plan", "begin", "overtake")
STORE_AND_LOAD = ("upload", "record", "claim", "load")


@pytest.mark.fault("reorder", of=("sentiance",))
@example(steps=[*TWO_DOWNLOADS, *STORE_AND_LOAD, *STORE_AND_LOAD])
@example(steps=[*TWO_DOWNLOADS, "upload", "upload", "record", "claim", "load", "record"])
@settings(max_examples=400, deadline=None)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
def test_in_the_end_the_newest_file_is_loaded_and_nothing_is_left_to_do(steps: list[str]) -> None:
    world = World()
    for step in steps:
        getattr(world, step)()
    world.settle()

    for _ in range(3):
        world.plan()
        world.begin()
        world.settle()

    row = world.ledger.get("sentiance", KEY.file)
    assert row is not None
    assert row.state is State.LOADED
    assert row.etag == world.in_lake == f"etag-{world.version}"
    assert world.plan() == 0
