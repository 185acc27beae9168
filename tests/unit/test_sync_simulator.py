"""A sync with the simulator of the dashcams, from its lists to rows and to files in the bucket."""

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from pydantic import SecretStr

from telematics.clips.devices import Devices
from telematics.errors import ProviderRefused
from telematics.http import Patience
from telematics.ledger import LedgerRow, State
from telematics.links import Policy
from telematics.media import Media
from telematics.providers.dashcam import client, rows, sync
from telematics.raw import RawKey
from telematics.sync.keeping import Keeper
from telematics.sync.listing import Events
from telematics.sync.looking import Looking
from telematics.sync.progress import Progress
from telematics.sync.syncing import Summary, Sync
from telematics.sync.windows import Request, Window
from telematics.tasks import Tasks
from tests.sandbox.simulators.dashcam import SECRET
from tests.unit import fakes
from tests.unit.fakes import FakeS3, FakeTable
from tests.unit.simulated_dashcam import BASE, Json, Simulator
from tests.unit.user_world import UserWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DAYS: Request = {"from": "2023-06-18", "to": "2023-06-19"}


class Lake:
    """Only what the sync needs of it. Links are followed to the simulator alone."""

    def __init__(self) -> None:
        self.simulator = Simulator(users=10)
        self.simulator.now += 12 * 3_600
        self.raw, self.media, self.ledger = FakeS3(), FakeS3(), fakes.ledger()
        self.fields = {name: SecretStr(text) for name, text in SECRET.items()}

    def run(self, request: Request | None = None) -> Summary:
        http = httpx.Client(transport=self.simulator.http._transport)
        patience = Patience(sleep=lambda _: None)
        policy = Policy(frozenset(), frozenset({"simulator.test:80"}))
        dashcam = client.connect(self.fields, base_url=BASE, client=http, patience=patience)
        progress = Progress(self.ledger.table, "dashcam")
        looking = Looking(
            tracks=sync.TRACKS,
            source=sync.Events(dashcam),
            zone=self.raw.zone,
            ledger=self.ledger,
            progress=progress,
            keeper=Keeper(Media(self.media.zone), http, policy, patience=patience),
            devices=Devices(Tasks(cast("Table", FakeTable())), UserWorld().gate()),
            severity=2,
            now=self.now,
        )
        window = Window.asked_for(request or {}, now=self.now())
        events = Events("dashcam", sync.EVENTS, looking)
        return Sync(events, progress, now=self.now).run(window)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.simulator.now, UTC)

    def things(self) -> dict[str, dict[str, list[Json]]]:
        """What raw tells: rows by natural key and dataset. None of it is unreadable."""
        found: dict[str, dict[str, list[Json]]] = {}
        for name, body in self.raw.objects.items():
            told = rows.contents(RawKey.parse(name), gzip.decompress(body), self.now())
            assert not told.unreadable
            for thing in told.things:
                found.setdefault(thing.dataset, {})[thing.key] = [
                    dict(row) for rows in thing.rows.values() for row in rows
                ]
        return found

    def row(self, event: Json) -> LedgerRow:
        day = datetime.fromtimestamp(event["timestamp"], UTC).date()
        found = self.ledger.get("dashcam", f"{day}/events/{event['uuid']}.json")
        assert found is not None
        return found


@pytest.fixture
def lake() -> Lake:
    return Lake()


def test_all_events_of_days_are_there_with_all_that_is_told_of_them(lake: Lake) -> None:
    told = lake.run(DAYS)
    events = lake.simulator.truth(**{"from": "2023-06-18", "to": "2023-06-19"})["events"]
    things = lake.things()
    assert told["listed"] == told["new"] == sum(events.values())
    for dataset in ("events", "event_listings", "event_details", "event_assets"):
        assert len(things[dataset]) == sum(events.values())
    assert len(things["safety_report"]) > 0
    severe = [key for key, [row] in things["events"].items() if row["severity_level"] >= 2]
    assert sorted(things["points"]) == sorted(severe)
    assert {key.split("/")[1] for key in lake.media.objects} == set(severe)
    assert (told["open"], told["failed_files"]) == (0, 0)
    again = lake.run(DAYS)
    assert (again["new"], again["stored_files"]) == (0, 0)


def test_a_crash_is_open_until_its_videos_have_come(lake: Lake) -> None:
    crash = lake.simulator.control("crash", driver="driver-0001")
    lake.simulator.now += 6  # one of two videos has come
    first = lake.run()
    assert first["open"] == 1
    assert lake.row(crash).state is State.LISTED

    lake.simulator.now += 3_600
    assert lake.run()["open"] == 0

    assert lake.row(crash).state is State.LOADED
    videos = lake.simulator.truth()["crashes"][crash["uuid"]]["videos"]
    wanted = {one["sha256"] for one in videos}
    stored = {
        hashlib.sha256(body).hexdigest()
        for key, body in lake.media.objects.items()
        if key.startswith(f"dashcam/{crash['uuid']}/") and key.endswith(".mp4")
    }
    assert stored == wanted == {one for one in lake.row(crash).kept.values() if one in wanted}


def test_a_link_that_has_expired_is_had_anew_in_the_next_run(lake: Lake) -> None:
    crash = lake.simulator.control("crash", driver="driver-0001")
    lake.simulator.now += 3_600
    lake.simulator.control("faults", fault="expired_url")
    assert lake.run()["failed_files"] > 0
    assert "answered 403" in lake.row(crash).error

    lake.simulator.http.delete("/_simulator/faults")
    lake.simulator.now += 3_600
    told = lake.run()
    assert (told["open"], told["failed_files"], lake.row(crash).error) == (0, 0, "")


def test_what_is_told_late_is_found_within_three_days(lake: Lake) -> None:
    for _ in range(6):
        lake.run()
        lake.simulator.now += timedelta(hours=12).total_seconds()
    days = {"from": "2023-06-20", "to": "2023-06-20"}
    known = lake.simulator.truth(**days)["events"]["2023-06-20"]
    found = [one for one in lake.things()["events"].values() if f"{one[0]['day']}" == days["from"]]
    assert len(found) == known


def test_an_account_that_is_not_good_is_told_of(lake: Lake) -> None:
    lake.fields["password"] = SecretStr("of-somebody-else")
    with pytest.raises(ProviderRefused, match="are api_key, email and password right"):
        lake.run()
    assert not lake.raw.objects
