"""A provider's events in memory, and all that a run of the sync needs."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

import httpx

from telematics.clips.devices import Devices, Drive
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.errors import ProviderBusy
from telematics.http import Patience
from telematics.ledger import LedgerRow
from telematics.links import Policy
from telematics.media import Media
from telematics.sync.keeping import Keeper
from telematics.sync.listing import Events
from telematics.sync.looking import Looking
from telematics.sync.progress import Progress
from telematics.sync.sources import Batch, File, Kind, Look, Page, Told
from telematics.sync.syncing import Summary, Sync
from telematics.sync.windows import Request, Window
from telematics.tasks import Tasks
from tests.unit import fakes
from tests.unit.fakes import FakeS3, FakeTable
from tests.unit.user_world import UserWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLIP = b"moving pictures"


@dataclass
class Happening:
    """An event at the provider."""

    at: datetime
    version: int = 1
    look: Look = field(default_factory=lambda: Look("", severity=3))


def video(name: str = "C_F-1.mp4", *, size: int | None = len(CLIP)) -> File:
    return File(Kind.VIDEO, name, f"https://media.example/secret-path/{name}", size)


@dataclass
class Source:
    """Tells of events as a test has them. `busy`: of these there is nothing to be had."""

    events: dict[str, Happening] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    list_is_busy: bool = False
    tells_drivers: bool = True
    refuses: ProviderBusy | Exception | None = None
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    daily: list[str] = field(default_factory=list)

    def add(self, name: str, at: datetime, look: Look | None = None) -> None:
        self.events[name] = Happening(at, look=look or Look("", severity=3))

    def listed(self, first: datetime, last: datetime, *, now: datetime) -> Sequence[Page]:
        self.windows.append((first, last))
        if self.list_is_busy:
            raise ProviderBusy("429")
        found = {name: one for name, one in self.events.items() if first <= one.at <= last}
        told = [
            Told(name, one.at.date(), f"{one.version}", f"about {name}", drive=self._drive(one))
            for name, one in found.items()
        ]
        entry = Entry("events", now, json.dumps(sorted(found)).encode())
        return [Page(entry, tuple(told))]

    def _drive(self, one: Happening) -> Drive | None:
        is_told = self.tells_drivers and one.look.person
        return Drive("device-1", one.look.person, one.at) if is_told else None

    def look(self, event: str, told: Told | None, *, now: datetime) -> Look:
        self.looked.append(event)
        if event in self.busy:
            raise ProviderBusy("503")
        entry = Entry("event", now, json.dumps({"uuid": event}).encode())
        return replace(self.events[event].look, about=f"about {event}", entries=[entry])

    def track(self, content: bytes, about: str, *, now: datetime) -> Entry:
        return Entry("nmea", now, json.dumps(content.decode()).encode(), about)

    def report(self, day: date, *, now: datetime) -> Batch:
        if self.refuses:
            raise self.refuses
        self.daily.append(f"report {day}")
        return Batch("safety_report", day, "report", [Entry("safety_report", now, b"{}")])

    def uploads(self, *, now: datetime) -> Iterator[Batch]:
        self.daily.append("uploads")
        yield Batch("manual_uploads", now.date(), "uploads-000", [Entry("uploads", now, b"{}")])


class Desk:
    """It is noon until a test says otherwise; the server has what `files` says, by name."""

    def __init__(self) -> None:
        self.source, self.raw, self.media = Source(), FakeS3(), FakeS3()
        self.table, self.tasks, self.users = FakeTable(), FakeTable(), UserWorld()
        self.ledger = fakes.ledger(self.table)
        self.now, self.rounds_left = NOON, 1_000_000
        self.severity = 2
        self.files: dict[str, bytes | int] = {}
        self.fetched: list[str] = []
        self.progress = Progress(cast("Table", self.table), "dashcam")

    def run(self, request: Request | None = None) -> Summary:
        policy = Policy(frozenset({"media.example"}))
        client = httpx.Client(transport=httpx.MockTransport(self._serve))
        patience = Patience(attempts=1)
        looking = Looking(
            tracks="points",
            source=self.source,
            zone=self.raw.zone,
            ledger=self.ledger,
            progress=self.progress,
            keeper=Keeper(Media(self.media.zone), client, policy, patience=patience),
            devices=Devices(Tasks(cast("Table", self.tasks)), self.users.gate()),
            severity=self.severity,
            out_of_time=self._is_out_of_time,
            now=lambda: self.now,
        )
        window = Window.asked_for(request or {}, now=self.now)
        events = Events("dashcam", "events", looking)
        return Sync(events, self.progress, now=lambda: self.now).run(window)

    def later(self, *, hours: float = 1) -> Summary:
        self.now += hours * HOUR
        self.source.looked.clear()
        self.source.windows.clear()
        return self.run()

    def row(self, name: str) -> LedgerRow:
        day = self.source.events[name].at.date()
        found = self.ledger.get("dashcam", f"{day}/events/{name}.json")
        assert found is not None
        return found

    def kept(self, dataset: str) -> list[str]:
        """What is in raw of a dataset: names, without those of lists."""
        names = [one.rsplit("/", 1)[-1] for one in self.raw.objects if f"/{dataset}/" in one]
        return sorted(one for one in names if not one.startswith("listing-"))

    def lists(self) -> list[str]:
        return sorted(one for one in self.raw.objects if "/listing-" in one)

    def answers(self, key: str) -> list[str]:
        return [one.asked for one in envelope.unpacked(gzip.decompress(self.raw.objects[key]))]

    def _is_out_of_time(self) -> bool:
        self.rounds_left -= 1
        return self.rounds_left < 0

    def _serve(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        self.fetched.append(name)
        found = self.files.get(name, CLIP)
        if isinstance(found, int):
            return httpx.Response(found)
        kind = "text/plain" if name.endswith(".nmea") else "video/mp4"
        return served(found, kind)


def served(body: bytes, kind: str) -> httpx.Response:
    """As it comes over the wire, to be read once."""
    headers = {"content-type": kind, "content-length": f"{len(body)}"}
    return httpx.Response(200, content=iter([body]), headers=headers)
