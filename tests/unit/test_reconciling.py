"""What a provider lists is compared with the lake: the missing is found, and only that."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from pyiceberg.catalog import Catalog

from telematics import sorting, versions
from telematics.enrichment import known, planning
from telematics.enrichment.envelope import Entry
from telematics.enrichment.known import Lake
from telematics.enrichment.planning import Window
from telematics.enrichment.reconciling import NOTIFIED, Found, Reconciliation, Request
from telematics.enrichment.sources import Details, Listed
from telematics.errors import Forbidden, InvalidRequest, ProviderBusy
from telematics.ledger import LedgerRow, State
from telematics.merging import Arrival, Merge
from telematics.raw import RawKey
from telematics.sorting import Sorting
from tests.unit import fakes, timeline
from tests.unit.conftest import DATABASE
from tests.unit.fakes import FakeS3
from tests.unit.user_world import UserWorld

NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
TODAY = NOON.date()


@dataclass
class Source:
    """People and what they have, by key and digest."""

    people: dict[str, dict[str, str]]
    most: int = 2
    blocked: tuple[str, ...] = ()
    busy: bool = False
    fetched: list[str] = field(default_factory=list)

    def listing(self, person: str, *, first: datetime, last: datetime) -> Sequence[Listed]:
        if person in self.blocked:
            raise Forbidden("403")
        return [Listed(key, digest, b"{}") for key, digest in self.people[person].items()]

    def of_listed(self, listed: Sequence[Listed], *, now: datetime) -> Details:
        self.fetched += [one.key for one in listed]
        body = json.dumps([one.key for one in listed]).encode()
        return Details([Entry("items", now, body)], busy=ProviderBusy("503") if self.busy else None)


def request(**known: dict[str, str]) -> Request:
    return Request(day=TODAY, batch=7, first=NOON, last=NOON, people=known)


@dataclass
class Night:
    """One reconciliation, and what it leaves."""

    source: Source
    s3: FakeS3 = field(default_factory=FakeS3)
    users: UserWorld = field(default_factory=UserWorld)

    def run(self, asked: Request) -> Found:
        self.ledger = fakes.ledger()
        return Reconciliation(
            "move",
            "timeline_items",
            self.source,
            self.s3.zone,
            self.ledger,
            self.users.gate(),
            now=lambda: NOON,
        ).run(asked)


def test_what_is_missing_late_or_changed_is_fetched_and_nothing_else() -> None:
    night = Night(Source({"u1": {"t1": "a", "t2": "b", "t3": "c", "t4": "d"}, "u2": {}}))
    found = night.run(request(u1={"t1": "a", "t2": NOTIFIED, "t3": "old"}, u2={}))
    assert (found.listed, found.missed, found.late, found.changed) == (4, 1, 1, 1)
    assert night.source.fetched == ["t2", "t3", "t4"]
    assert len(night.s3.objects) == 2
    assert found.percent == 50


def test_a_complete_lake_is_complete_and_nothing_is_stored() -> None:
    night = Night(Source({"u1": {"t1": "a"}}))
    assert night.run(request(u1={"t1": "a"})).percent == 100
    assert night.s3.objects == {}


def test_what_was_found_is_in_the_ledger() -> None:
    night = Night(Source({"u1": {"t1": "a"}}))
    night.run(request(u1={}))
    row = night.ledger.get("move", "2023-06-05/reconciliation/00007.json")
    assert row is not None
    assert (row.listed, row.missed, row.late, row.changed) == (1, 1, 0, 0)
    assert row.state is State.LOADED


def test_somebody_blocked_is_counted_and_keeps_nobody_waiting() -> None:
    night = Night(Source({"u1": {"t1": "a"}, "u2": {"t2": "b"}}, blocked=("u1",)))
    found = night.run(request(u1={}, u2={}))
    assert (found.unasked, found.missed, night.source.fetched) == (1, 1, ["t2"])


def test_a_busy_provider_is_asked_again_and_what_came_is_kept() -> None:
    night = Night(Source({"u1": {"t1": "a"}}, busy=True))
    with pytest.raises(ProviderBusy):
        night.run(request(u1={}))
    assert len(night.s3.objects) == 1


def test_nobody_is_named_where_a_request_is_shown() -> None:
    assert "user-1" not in repr(request(**{"user-1": {}}))


@pytest.mark.parametrize(
    ("from_", "to", "first", "last"),
    [
        (None, None, "2023-06-02", "2023-06-05"),
        ("2023-05-01", None, "2023-05-01", "2023-06-05"),
        (None, "2023-06-01", "2023-05-29", "2023-06-01"),
        ("2023-06-01", "2023-06-01", "2023-06-01", "2023-06-01"),
    ],
)
def test_a_window_is_the_last_days_unless_said(
    from_: str | None, to: str | None, first: str, last: str
) -> None:
    window = Window.asked_for(from_, to, today=TODAY)
    assert (window.first.isoformat(), window.last.isoformat()) == (first, last)
    assert (window.begin.hour, window.end.hour) == (0, 23)


@pytest.mark.parametrize(("from_", "to"), [("yesterday", None), ("2023-06-02", "2023-06-01")])
def test_a_window_that_makes_no_sense_is_refused(from_: str, to: str | None) -> None:
    with pytest.raises(InvalidRequest, match="day"):
        Window.asked_for(from_, to, today=TODAY)


def test_people_are_asked_about_in_batches_that_fit_a_message() -> None:
    many = {f"u{n:04d}": {f"t{one}": "d" * 32 for one in range(n % 3)} for n in range(120)}
    many["u9999"] = {f"t{one}": "d" * 32 for one in range(5_000)}
    found = list(planning.requests(many.items(), Window(TODAY, TODAY), today=TODAY))
    assert [len(one.people) for one in found] == [50, 50, 20, 1]
    assert {person: dict(things) for one in found for person, things in one.people.items()} == many
    assert [one.batch for one in found] == [0, 1, 2, 3]


def test_only_what_was_left_unfinished_lately_is_asked_for_again() -> None:
    def row(day: int, *pending: int) -> LedgerRow:
        key = RawKey("move", "timeline", date(2023, 5, day), "a", "json")
        return LedgerRow(
            provider="move",
            file=key.file,
            day=key.day,
            dataset=key.dataset,
            raw_key=str(key),
            state=State.LOADED,
            pending=pending,
        )

    rows = [row(1, 5), row(30, 1, 2), row(31)]
    assert planning.unfinished(rows, today=TODAY) == [rows[1]]


@pytest.mark.parametrize("room", [sorting.RUN_BYTES, 1])
def test_the_lake_is_known_by_person_with_what_was_only_told(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(known, "Sorting", partial(Sorting, run_bytes=room))
    told = timeline.notification(timeline.START, "2023-06-04T09:00:00Z")
    other = timeline.notification("2023-05-20T09:00:00Z", contract="user-2")
    keys = [RawKey("move", "timeline", TODAY, name, "json") for name in "ab"]
    arrivals = [
        Arrival(key, versions.contents(key, body, NOON))
        for key, body in zip(keys, (told, other), strict=True)
    ]
    Merge(catalog, DATABASE, NOON).run("move", arrivals)
    key = RawKey("move", "timeline_items", TODAY, "c", "json")
    body = (
        b'[{"asked":"batch","fetched_at":"2023-06-05T12:00:00Z","answer":%b}]'
        % timeline.encoded(timeline.item())
    )
    detailed = Arrival(key, versions.contents(key, body, NOON))
    Merge(catalog, DATABASE, NOON).run("move", [detailed])
    people = Lake(catalog, DATABASE, "move", "timeline_items", "notifications").people(
        tmp_path, first=date(2023, 6, 3), last=TODAY, seen_since=date(2023, 5, 6)
    )
    assert dict(people) == {
        "user-1": {
            "20230604T080000.000Z-1000-user-1": detailed.contents.things[0].digest,
            "20230604T090000.000Z-1000-user-1": NOTIFIED,
        },
        "user-2": {},
    }


def test_a_lake_without_tables_knows_nobody(catalog: Catalog, tmp_path: Path) -> None:
    lake = Lake(catalog, DATABASE, "move", "timeline_items", "notifications")
    assert list(lake.people(tmp_path, first=TODAY, last=TODAY, seen_since=TODAY)) == []


def test_nothing_is_asked_about_somebody_whose_data_may_not_be_kept() -> None:
    night = Night(Source({"u2": {"t2": "b"}}))
    night.users.directory.add("ours", {"move": "u1"}, now=NOON)
    night.users.directory.block("ours", now=NOON)
    found = night.run(request(u1={}, u2={}))
    assert (found.people, found.unasked, found.missed) == (2, 1, 1)
    assert night.source.fetched == ["t2"]
