"""Small objects are loaded by the batch: one that is bad costs itself, one failure costs nobody."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pyiceberg.catalog import Catalog

from telematics import tables, together
from telematics.convert import Loaded
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Entry
from telematics.errors import Busy, DamagedDownload
from telematics.intake import LEASE, Intake
from telematics.ledger import State
from telematics.merging import Merge
from telematics.raw import Provenance, RawKey
from telematics.together import Outcome, Together, comes_in_numbers
from tests.unit import fakes, timeline
from tests.unit.conftest import DATABASE
from tests.unit.fakes import FakeS3
from tests.unit.user_world import UserWorld

DAY = date(2023, 6, 4)
NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
LATER = "2023-06-04T09:00:00Z"


def key(name: str, dataset: str = "timeline", extension: str = "json") -> RawKey:
    return RawKey("move", dataset, DAY, name, extension)


class Arrivals:
    """One raw zone, one ledger and one lake."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.zone = FakeS3().zone
        self.intake = Intake(
            zone=self.zone,
            catalog=catalog,
            database=DATABASE,
            ledger=fakes.ledger(),
            gate=UserWorld().gate(),
            now=lambda: NOON,
        )

    def put(self, name: str, body: bytes, fetched_at: str = "2023-06-05T10:00:00Z") -> RawKey:
        self.zone.put(key(name), body, Provenance(fetched_at=fetched_at))
        return key(name)

    def take(self, *keys: RawKey) -> list[Outcome]:
        outcomes = Together(self.intake).take(keys)
        return [outcomes[one] for one in keys]

    def rows(self, table: str = "move_notifications") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            tables.ensure(self.catalog, DATABASE, table).scan().to_arrow().to_pylist()
        )
        return found

    def state(self, of: RawKey) -> State:
        row = self.intake.ledger.get(of.provider, of.file)
        assert row is not None
        return row.state


@pytest.fixture
def arrivals(catalog: Catalog) -> Arrivals:
    return Arrivals(catalog)


def test_notified_items_are_rows_once_however_often_they_are_told(arrivals: Arrivals) -> None:
    one = arrivals.put("a", timeline.notification(timeline.START, LATER))
    other = arrivals.put("b", timeline.notification(LATER, timeline.START))
    assert arrivals.take(one, other) == [Loaded(2, 0), Loaded(2, 0)]
    assert arrivals.take(one, other) == [None, None]
    assert {row["trip_id"] for row in arrivals.rows()} == {
        "20230604T080000.000Z-1000-user-1",
        "20230604T090000.000Z-1000-user-1",
    }
    assert len(arrivals.rows()) == 2
    assert arrivals.state(one) is arrivals.state(other) is State.LOADED


def test_the_latest_notification_of_an_item_wins(arrivals: Arrivals) -> None:
    new = arrivals.put(
        "a", timeline.notification(timeline.START, type_="IDLE"), "2023-06-05T11:00Z"
    )
    old = arrivals.put("b", timeline.notification(timeline.START), "2023-06-05T10:00Z")
    arrivals.take(new)
    arrivals.take(old)
    assert [row["type"] for row in arrivals.rows()] == ["IDLE"]


def test_a_bad_item_is_quarantined_and_the_others_load(arrivals: Arrivals) -> None:
    body = timeline.notification(timeline.START).replace(b'{"items": [', b'{"items": [{"odd": 1}, ')
    bad = arrivals.put("a", body)
    assert arrivals.take(bad) == [Loaded(1, 1)]
    assert [(row["line"], row["content"]) for row in arrivals.rows("quarantine")] == [
        (1, '{"odd": 1}')
    ]


@pytest.mark.fault("poison", of=("move",))
@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"trips": []}', b"\xff\xfe"])
def test_what_is_not_as_documented_is_quarantined_whole(arrivals: Arrivals, body: bytes) -> None:
    bad = arrivals.put("a", body)
    good = arrivals.put("b", timeline.notification(timeline.START))
    outcome, loaded = arrivals.take(bad, good)
    assert isinstance(outcome, Loaded)
    assert (outcome.rows, outcome.quarantined, bool(outcome.unreadable)) == (0, 1, True)
    assert loaded == Loaded(1, 0)
    assert (arrivals.state(bad), arrivals.state(good)) == (State.QUARANTINED, State.LOADED)


def test_an_object_being_loaded_by_others_is_theirs(arrivals: Arrivals) -> None:
    busy = arrivals.put("a", timeline.notification(timeline.START))
    arrivals.intake.ledger.claim(busy, "another", size=1, now=NOON, lease=LEASE)
    good = arrivals.put("b", timeline.notification(LATER))
    outcome, loaded = arrivals.take(busy, good)
    assert isinstance(outcome, Busy)
    assert loaded == Loaded(1, 0)


@pytest.mark.fault("poison", of=("move",))
def test_a_damaged_object_fails_alone(arrivals: Arrivals) -> None:
    broken = key("a", "timeline_items", "json.gz")
    arrivals.zone.put(broken, b"no gzip", Provenance(fetched_at=""))
    good = arrivals.put("b", timeline.notification(LATER))
    outcome, loaded = arrivals.take(broken, good)
    assert isinstance(outcome, DamagedDownload)
    assert loaded == Loaded(1, 0)
    assert arrivals.state(broken) is State.FAILED


def test_a_merge_that_fails_leaves_everything_to_the_next(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise ConnectionError

    one = arrivals.put("a", timeline.notification(timeline.START))
    with monkeypatch.context() as patched:
        patched.setattr(Merge, "run", die)
        with pytest.raises(ConnectionError):
            arrivals.take(one)
    assert arrivals.take(one) == [Loaded(1, 0)]


def test_details_and_points_become_rows_of_their_tables(arrivals: Arrivals) -> None:
    trip = "20230604T080000.000Z-1000-user-1"
    point = b'{"timestamp":"2023-06-04T08:00:05.123Z","lat":48.1,"lon":16.1,"wayPointInfo":'
    way = b'{"speed":45,"speedLimit":50,"wayType":"city","roadLat":48.2,"roadLon":16.2}}'
    envelope.store(
        arrivals.zone,
        provider="move",
        dataset="timeline_items",
        day=DAY,
        identity="a",
        entries=[
            Entry("batch", NOON, timeline.encoded(timeline.item())),
            Entry("points", NOON, b"[" + point + way + b', {"lat": 1}]', trip=trip),
        ],
    )
    assert arrivals.take(key("a", "timeline_items", "json.gz")) == [Loaded(4, 1)]
    (row,) = arrivals.rows("move_points")
    assert (row["trip_id"], row["speed"], row["way_type"]) == (trip, 45, "city")
    assert row["timestamp"] == datetime(2023, 6, 4, 8, 0, 5, 123_000, tzinfo=UTC)
    assert [one["type"] for one in arrivals.rows("move_phone_distractions")] == ["PHONE_CALL"]
    assert "lat" in arrivals.rows("quarantine")[0]["content"]


def test_generic_notifications_keep_what_they_say(arrivals: Arrivals) -> None:
    body = (
        b'[{"id":"d0bd9509","productId":1000,"contractId":"user-1","type":"POI",'
        b'"time":"2021-04-16T09:33:41.409927Z","data":{"distance":"15","inTrip":"false"}}]'
    )
    told = key("a", "notifications")
    arrivals.zone.put(told, body, Provenance(fetched_at="2023-06-05T10:00:00Z"))
    assert arrivals.take(told) == [Loaded(1, 0)]
    (row,) = arrivals.rows()
    assert (row["notification_id"], row["notifier"], row["trip_id"]) == (
        "d0bd9509",
        "notifications",
        None,
    )
    assert row["data"] == '{"distance":"15","inTrip":"false"}'
    assert row["time"] == datetime(2021, 4, 16, 9, 33, 41, 409_927, tzinfo=UTC)


def test_offloads_are_loaded_one_by_one() -> None:
    assert not comes_in_numbers(RawKey("sentiance", "badges", DAY, "badges", "csv.gz"))
    assert comes_in_numbers(key("a"))


@pytest.mark.parametrize("body", [b'{"items": [{"type": "\xff"}]}', b"[" * 100_000])
def test_bytes_that_no_parser_takes_are_quarantined(arrivals: Arrivals, body: bytes) -> None:
    arrivals.take(arrivals.put("a", body))
    assert len(arrivals.rows("quarantine")) == 1


def test_an_answer_with_an_item_that_is_no_item_costs_that_item(arrivals: Arrivals) -> None:
    good = timeline.encoded(timeline.item())[1:-1]
    answer = b'[{"startTs": [[]]}, %b, {"contractId": 1}]' % good
    envelope.store(
        arrivals.zone,
        provider="move",
        dataset="timeline_items",
        day=DAY,
        identity="a",
        entries=[Entry("batch", NOON, answer)],
    )
    (loaded,) = arrivals.take(key("a", "timeline_items", "json.gz"))
    assert isinstance(loaded, Loaded)
    assert (loaded.rows, loaded.quarantined) == (3, 2)


def test_many_rows_are_merged_in_parts(arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_ROWS", 1)
    one = arrivals.put("a", timeline.notification(timeline.START))
    other = arrivals.put("b", timeline.notification(LATER))
    assert arrivals.take(one, other) == [Loaded(1, 0), Loaded(1, 0)]
    table = tables.ensure(arrivals.catalog, DATABASE, "move_notifications")
    assert len(table.snapshots()) == 2
