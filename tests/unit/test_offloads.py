"""Offloads from listed to accounted for, with a provider that can do everything wrong."""

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from telematics.errors import (
    DamagedDownload,
    InvalidRequest,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from telematics.events import NotAnnounced
from telematics.ledger import Claim, Ledger, LedgerRow, State
from telematics.observability import logger
from telematics.offloads.accounting import Account, account
from telematics.offloads.fetching import Fetch, Fetched
from telematics.offloads.period import Period
from telematics.offloads.planning import Plan, plan
from telematics.offloads.sources import FileChanged, ListedFile, Listing
from telematics.raw import PART_BYTES, RawKey
from tests.unit import fakes
from tests.unit.fakes import FakeBus, FakeS3

NOW = datetime(2023, 6, 5, 6, 0, tzinfo=UTC)
JUNE_4 = date(2023, 6, 4)
PERIOD = Period(date(2023, 6, 2), JUNE_4)
BODY = gzip.compress(b"user_id,mode\nu1,car\n")
KEY = RawKey("sentiance", "transports", JUNE_4, "transports", "csv.gz")
FILE = ListedFile(KEY, "OFFLOAD_TYPE_TRANSPORTS", len(BODY))


@dataclass
class FakeDownload:
    """`said` is the size told with the link; errors among the pieces are raised."""

    pieces: Sequence[bytes | ProviderError]
    size: int | None = None
    request_id: str = "request-1"

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, ProviderError):
                raise piece
            yield piece


@dataclass
class FakeSource:
    """Lists files; opens downloads one after the other, the last one for ever."""

    listed: Sequence[ListedFile] = (FILE,)
    ignored: int = 0
    downloads: list[FakeDownload | ProviderError] = field(
        default_factory=lambda: [FakeDownload([BODY])]
    )
    windows: list[tuple[date, date]] = field(default_factory=list)
    opened: list[ListedFile] = field(default_factory=list)

    def list_files(self, *, first: date, last: date) -> Listing:
        self.windows.append((first, last))
        files = (file for file in self.listed if first <= file.key.day <= last)
        return Listing(tuple(files), self.ignored)

    @contextmanager
    def open(self, file: ListedFile) -> Iterator[FakeDownload]:
        self.opened.append(file)
        download = self.downloads.pop(0) if len(self.downloads) > 1 else self.downloads[0]
        if isinstance(download, ProviderError):
            raise download
        yield download


@dataclass
class World:
    """Everything that a fetch touches, faked."""

    source: FakeSource = field(default_factory=FakeSource)
    ledger: Ledger = field(default_factory=fakes.ledger)
    s3: FakeS3 = field(default_factory=FakeS3)
    bus: FakeBus = field(default_factory=FakeBus)

    def plan(self, period: Period = PERIOD, *, now: datetime = NOW) -> Plan:
        return plan(self.source, self.ledger, provider="sentiance", period=period, now=now)

    def fetch(self, file: str = KEY.file) -> Fetched:
        fetch = Fetch(self.source, self.ledger, self.s3.zone, self.bus.bus, NOW)
        return fetch.file("sentiance", file)

    def account(self, day: date = JUNE_4) -> Account:
        return account(self.ledger, self.bus.bus, provider="sentiance", day=day)

    def load(self) -> None:
        etag, size = self.row().etag, self.row().stored_size or 0
        lease = timedelta(minutes=15)
        claim = self.ledger.claim(KEY, etag, size=size, now=NOW, lease=lease)
        assert claim is Claim.CLAIMED
        self.ledger.loaded(KEY, etag, rows=1, quarantined=0, now=NOW)

    def row(self, key: RawKey = KEY) -> LedgerRow:
        row = self.ledger.get(key.provider, key.file)
        assert row is not None
        return row


def failing(*pieces: bytes | ProviderError, size: int | None = None) -> World:
    world = World(FakeSource(downloads=[FakeDownload(pieces, size)]))
    world.plan()
    return world


def test_a_new_file_is_planned_once_stored_and_loaded_then_known() -> None:
    world = World()

    made = world.plan()
    assert made.summary() == {
        "days": ["2023-06-04"],
        **{"listed": 1, "to_fetch": 1, "new": 1, "changed": 0, "unfinished": 0, "lost": 0},
        **{"known": 0, "empty_days": 2, "ignored": 0},
    }
    assert world.plan().counts["unfinished"] == 1  # not fetched yet

    assert world.fetch() == {"outcome": "stored", "file": KEY.file, "size": len(BODY)}
    assert world.plan().counts["known"] == 1
    world.load()
    assert world.plan().summary()["days"] == []


def test_what_is_stored_are_the_exact_bytes_and_everyone_is_told() -> None:
    world = World()
    world.plan()

    world.fetch()

    digest = hashlib.sha256(BODY).hexdigest()
    assert world.s3.objects == {str(KEY): BODY}
    assert world.s3.metadata[str(KEY)]["provider-request-id"] == "request-1"
    assert (world.row().state, world.row().sha256) == (State.STORED, digest)
    [(source, name, detail)] = world.bus.put
    assert (source, name) == ("telematics.sentiance", "Offload Stored")
    assert (detail["raw_key"], detail["sha256"]) == (str(KEY), digest)


def test_a_stored_file_is_not_fetched_again() -> None:
    world = World()
    world.plan()
    world.fetch()

    assert world.fetch() == {"outcome": "unchanged", "file": KEY.file}

    assert len(world.source.opened) == 1


def test_a_file_of_another_size_is_fetched_again_and_replaces_what_we_had() -> None:
    world = World()
    world.plan()
    world.fetch()
    world.load()
    newer = gzip.compress(b"user_id,mode\nu1,car\nu2,bus\n")
    world.source.listed = [replace(FILE, size=len(newer))]
    world.source.downloads = [FakeDownload([newer])]

    made = world.plan()

    assert (made.counts["changed"], made.summary()["days"]) == (1, ["2023-06-04"])
    assert world.fetch()["outcome"] == "stored"
    assert world.s3.objects == {str(KEY): newer}
    world.load()
    assert world.plan().counts["known"] == 1


def test_a_file_that_was_stored_but_never_loaded_is_fetched_again_after_an_hour() -> None:
    world = World()
    world.plan()
    world.fetch()

    assert world.plan(now=NOW + timedelta(minutes=59)).counts["known"] == 1
    assert world.plan(now=NOW + timedelta(minutes=61)).counts["lost"] == 1

    assert world.fetch()["outcome"] == "stored"
    world.load()
    assert world.plan(now=NOW + timedelta(days=1)).counts["known"] == 1


def test_a_file_whose_load_failed_is_fetched_again() -> None:
    world = World()
    world.plan()
    world.fetch()
    row = world.row()
    lease = timedelta(minutes=1)
    world.ledger.claim(KEY, row.etag, size=len(BODY), now=NOW, lease=lease)
    world.ledger.load_failed(KEY, row.etag, error="out of memory", now=NOW)

    assert world.plan().counts["unfinished"] == 1
    assert world.fetch()["outcome"] == "stored"


def test_a_raw_object_that_is_listed_later_is_known_by_its_size() -> None:
    world = World()
    lease = timedelta(minutes=1)
    world.ledger.claim(KEY, "etag", size=len(BODY), now=NOW, lease=lease)
    assert world.plan().counts["known"] == 1

    world.source.listed = [replace(FILE, size=1)]
    assert world.plan().counts["changed"] == 1
    assert world.row().offload_type == "OFFLOAD_TYPE_TRANSPORTS"


def test_a_raw_object_that_never_loaded_gets_what_is_needed_to_fetch_it() -> None:
    world = World()
    lease = timedelta(minutes=1)
    world.ledger.claim(KEY, "etag", size=len(BODY), now=NOW, lease=lease)
    world.ledger.load_failed(KEY, "etag", error="broken", now=NOW)
    assert world.fetch()["outcome"] == "failed"

    assert world.plan().counts["to_fetch"] == 1
    assert world.fetch()["outcome"] == "stored"


def test_a_year_is_planned_in_windows_and_its_empty_days_counted() -> None:
    world = World(FakeSource(ignored=2))

    made = world.plan(Period(date(2022, 6, 5), JUNE_4))

    assert len(world.source.windows) == 12
    assert (made.empty_days, made.ignored) == (364, 24)


def test_a_file_the_ledger_never_saw_cannot_be_fetched() -> None:
    with pytest.raises(InvalidRequest, match="plan its day first"):
        World().fetch("2023-06-04/transports/transports.csv.gz")


@pytest.mark.parametrize(
    ("pieces", "size", "reason"),
    [
        ([BODY[:-5]], None, "ends before its end"),
        ([BODY[:12], b"!" + BODY[13:]], None, "corrupt"),
        ([BODY, BODY], None, "more bytes came than the"),
        ([gzip.compress(b"")], None, "20 bytes came of the"),
        ([], None, "0 bytes came of the"),
        ([BODY], len(BODY) + 1, f"{len(BODY)} bytes came of the {len(BODY) + 1} announced"),
    ],
)
def test_a_damaged_file_is_never_stored_and_tried_again(
    pieces: list[bytes | ProviderError], size: int | None, reason: str
) -> None:
    world = failing(*pieces, size=size)

    with pytest.raises(DamagedDownload, match=reason):
        world.fetch()

    assert world.s3.objects == {}
    assert (world.row().state, world.row().attempts) == (State.FAILED, 1)
    assert reason.removesuffix(" the") in world.row().error
    assert world.bus.put == []

    world.source.downloads = [FakeDownload([BODY], len(BODY))]
    assert world.fetch()["outcome"] == "stored"
    assert (world.row().state, world.row().error) == (State.STORED, "")


def test_a_large_upload_that_fails_is_aborted() -> None:
    first = b"x" * (PART_BYTES + 1)
    world = failing(first, ProviderBusy("broke off"))
    world.source.listed = [replace(FILE, key=replace(KEY, extension="csv"), size=None)]
    world.plan()
    file = replace(KEY, extension="csv").file

    with pytest.raises(ProviderBusy):
        world.fetch(file)

    assert (world.s3.objects, world.s3.parts) == ({}, {})
    assert len(world.s3.begun) == 1


def test_a_busy_provider_is_asked_again_later() -> None:
    world = World(FakeSource(downloads=[ProviderBusy("no link was made")]))
    world.plan()

    with pytest.raises(ProviderBusy):
        world.fetch()

    assert (world.row().state, world.row().error) == (State.FAILED, "no link was made")


def test_a_refusal_is_an_outcome() -> None:
    refusal = ProviderRefused("no, see https://x?signature=1")
    world = World(FakeSource(downloads=[refusal]))
    world.plan()

    assert world.fetch() == {"outcome": "failed", "file": KEY.file, "reason": "no, see <link>"}

    assert world.row().state is State.FAILED


def test_a_file_that_changes_while_it_is_read_is_started_again() -> None:
    newer = gzip.compress(b"user_id,mode\nu1,train\n")
    world = World()
    world.plan()
    world.source.downloads = [
        FakeDownload([BODY[:10], FileChanged("the file was replaced")]),
        FakeDownload([newer], len(newer)),
    ]

    assert world.fetch()["size"] == len(newer)

    assert world.s3.objects == {str(KEY): newer}
    assert (world.row().listed_size, world.row().attempts) == (len(newer), 1)


def test_a_file_that_never_stops_changing_is_a_failure() -> None:
    world = failing(BODY[:10], FileChanged("the file was replaced"))

    with pytest.raises(DamagedDownload):
        world.fetch()

    assert len(world.source.opened) == 3
    assert world.row().state is State.FAILED


def test_an_empty_file_is_stored_and_one_of_unknown_size_is_not() -> None:
    world = World(FakeSource(listed=[replace(FILE, size=0)], downloads=[FakeDownload([], 0)]))
    world.plan()
    assert world.fetch()["size"] == 0
    assert world.s3.objects == {str(KEY): b""}

    world = World(FakeSource(listed=[replace(FILE, size=None)], downloads=[FakeDownload([])]))
    world.plan()
    with pytest.raises(DamagedDownload, match="not a single byte"):
        world.fetch()


def test_a_file_of_unknown_size_is_checked_by_its_gzip_alone() -> None:
    world = World(FakeSource(listed=[replace(FILE, size=None)]))
    world.plan()

    assert world.fetch()["outcome"] == "stored"
    assert world.plan().counts["known"] == 1


def test_an_event_that_fails_leaves_the_file_to_be_fetched_again() -> None:
    world = World()
    world.plan()
    world.bus.refuses = True
    with pytest.raises(NotAnnounced):
        world.fetch()

    world.bus.refuses = False

    assert world.fetch()["outcome"] == "stored"
    assert len(world.bus.put) == 1


def test_a_day_is_complete_when_every_file_is_in_raw() -> None:
    world = World()
    world.plan()
    world.fetch()

    result = world.account()

    assert result == {"outcome": "complete", "day": "2023-06-04", "files": 1, "missing": 0}
    [_, (_, name, detail)] = world.bus.put
    assert name == "Offload Day Complete"
    assert (detail["files"], detail["bytes"]) == (1, len(BODY))


def test_an_incomplete_day_names_what_is_missing_and_why() -> None:
    badges = replace(FILE, key=replace(KEY, dataset="badges", identity="badges"))
    groups = replace(FILE, key=replace(KEY, dataset="groups", identity="groups"))
    world = World(FakeSource(listed=[FILE, badges, groups]))
    world.plan()
    world.fetch()
    world.source.downloads = [ProviderRefused("not yours")]
    world.fetch(badges.key.file)

    assert world.account()["missing"] == 2

    _, name, detail = world.bus.put[-1]
    assert name == "Offload Day Incomplete"
    assert detail["missing_files"] == [
        {"file": badges.key.file, "reason": "not yours"},
        {"file": groups.key.file, "reason": "not fetched yet"},
    ]


def test_the_log_has_one_line_for_each_fetch(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.plan()
    caplog.set_level("INFO", logger=logger.name)
    caplog.clear()
    world.fetch()
    assert [record.getMessage() for record in caplog.records] == ["offload stored"]
