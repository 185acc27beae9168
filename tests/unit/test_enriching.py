"""Details are asked for until all are there, each slice kept and accounted for by itself."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from telematics.enrichment import enriching, envelope
from telematics.enrichment.enriching import Enrichment, Rounds
from telematics.enrichment.envelope import Entry
from telematics.enrichment.sources import Details, Fate, Wanted
from telematics.errors import Busy, MalformedPayload, ProviderBusy
from telematics.ledger import LedgerRow
from telematics.raw import Provenance, RawKey
from tests.unit import fakes
from tests.unit.fakes import FakeBus, FakeS3
from tests.unit.user_world import NOW, UserWorld

NOON = datetime(2023, 6, 5, 12, tzinfo=UTC)
KEY = RawKey("move", "timeline", date(2023, 6, 4), "a" * 64, "json")


@dataclass
class Source:
    """Knows everything but what a test says."""

    most: int = 2
    later: dict[Wanted, Fate] = field(default_factory=dict)
    refused: dict[Wanted, str] = field(default_factory=dict)
    busy_at: str = ""
    asked: list[list[Wanted]] = field(default_factory=list)

    def wanted(self, dataset: str, body: bytes) -> list[Wanted | None]:
        if not body.startswith(b"["):
            raise MalformedPayload("no list")
        return list(json.loads(body))

    def details(self, wanted: Sequence[Wanted], *, now: datetime) -> Details:
        self.asked.append(list(wanted))
        there = [one for one in wanted if one not in self.later and one not in self.refused]
        busy = ProviderBusy("429") if self.busy_at in wanted else None
        later = {one: fate for one, fate in self.later.items() if one in wanted}
        if busy:
            later[self.busy_at] = Fate.BUSY
        return Details(
            [Entry("batch", now, json.dumps(there).encode())],
            later,
            {one: why for one, why in self.refused.items() if one in wanted},
            busy,
        )


class Desk:
    """One notification in raw, and what becomes of it."""

    def __init__(self, *wanted: str | None, source: Source | None = None) -> None:
        self.s3, self.bus, self.ledger = FakeS3(), FakeBus(), fakes.ledger()
        self.source, self.users = source or Source(), UserWorld()
        self.out_of_time: Callable[[], bool] = lambda: False
        body = json.dumps(wanted).encode()
        self.s3.zone.put(KEY, body, Provenance(fetched_at="2023-06-05T10:00:00Z"))

    def take(self, *, last_round: bool = False) -> LedgerRow:
        Enrichment(
            provider="move",
            dataset="timeline_items",
            source=self.source,
            zone=self.s3.zone,
            ledger=self.ledger,
            bus=self.bus.bus,
            gate=self.users.gate(),
            now=lambda: NOON,
            out_of_time=lambda: self.out_of_time(),
        ).take(KEY, last_round=last_round)
        return self.row

    @property
    def row(self) -> LedgerRow:
        row = self.ledger.get("move", KEY.file)
        assert row is not None
        return row

    @property
    def kept(self) -> list[str]:
        return [name for name in self.s3.objects if "timeline_items" in name]


def test_everything_is_asked_for_in_slices_and_kept() -> None:
    desk = Desk("t1", "t2", None, "t3")
    row = desk.take()
    assert desk.source.asked == [["t1", "t2"], ["t3"]]
    assert (row.items, row.pending) == (3, ())
    assert desk.kept == ["move/timeline_items/day=2023-06-04/" + desk.kept[0].split("/")[-1]]
    assert desk.kept[0].split("/")[-1].startswith("a" * 32)


def test_answers_are_kept_as_soon_as_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enriching, "ENOUGH_BYTES", 1)
    desk = Desk("t1", "t2", "t3")
    desk.take()
    assert len(desk.kept) == 2


def test_answers_that_are_large_are_kept_in_several_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(envelope, "MOST_BYTES", 10)
    desk = Desk("t1", "t2", "t3")
    desk.take()
    assert [name[-9:] for name in desk.kept] == ["0.json.gz", "1.json.gz"]


def test_what_was_answered_before_a_failure_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk("t1", "t2", "t3")
    real = desk.source.details

    def fail_at_last(wanted: Sequence[Wanted], *, now: datetime) -> Details:
        if "t3" in wanted:
            raise ProviderBusy("503")
        return real(wanted, now=now)

    monkeypatch.setattr(desk.source, "details", fail_at_last)
    with pytest.raises(ProviderBusy):
        desk.take()
    assert (desk.row.pending, len(desk.kept)) == ((2,), 1)


def test_it_is_announced_once_with_pointers_only() -> None:
    desk = Desk("t1")
    desk.take()
    desk.take()
    ((source, name, event),) = desk.bus.put
    assert (source, name) == ("telematics.move", "Timeline Received")
    assert event["raw_key"] == str(KEY)
    assert (event["items"], len(event["sha256"])) == (1, 64)


def test_the_same_message_again_asks_for_nothing() -> None:
    desk = Desk("t1", "t2")
    desk.take()
    desk.take()
    assert desk.source.asked == [["t1", "t2"]]


def test_what_is_unknown_is_asked_for_again_alone() -> None:
    desk = Desk("t1", "t2", "t3", source=Source(later={"t2": Fate.UNKNOWN}))
    assert desk.take().pending == (1,)
    desk.source.later = {}
    assert desk.take().pending == ()
    assert desk.source.asked == [["t1", "t2"], ["t3"], ["t2"]]


def test_what_is_unknown_in_the_last_round_stays_pending() -> None:
    desk = Desk("t1", source=Source(later={"t1": Fate.UNKNOWN}))
    assert desk.take(last_round=True).pending == (0,)


def test_what_is_incomplete_in_the_last_round_ends_with_that_reason() -> None:
    desk = Desk("t1", source=Source(later={"t1": Fate.INCOMPLETE}))
    assert desk.take().pending == (0,)
    row = desk.take(last_round=True)
    assert (row.pending, row.refused) == ((), {"incomplete": 1})


def test_a_blocked_person_ends_with_a_reason_and_blocks_nobody() -> None:
    desk = Desk("t1", "t2", source=Source(refused={"t1": "blocked"}))
    row = desk.take()
    assert (row.pending, row.refused) == ((), {"blocked": 1})
    assert len(desk.kept) == 1


def test_a_busy_provider_is_left_alone_and_what_came_is_kept() -> None:
    desk = Desk("t1", "t2", "t3", "t4", source=Source(busy_at="t2"))
    with pytest.raises(ProviderBusy):
        desk.take()
    assert (desk.row.pending, desk.source.asked) == ((1, 2, 3), [["t1", "t2"]])
    desk.source.busy_at = ""
    assert desk.take().pending == ()


def test_what_does_not_fit_into_a_run_is_left_to_the_next() -> None:
    desk = Desk("t1", "t2", "t3")
    desk.out_of_time = lambda: len(desk.source.asked) == 1
    with pytest.raises(Busy):
        desk.take()
    assert desk.row.pending == (2,)
    desk.out_of_time = lambda: False
    assert desk.take().pending == ()


def test_the_same_question_overwrites_its_own_answer() -> None:
    desk, other = Desk("t1", "t2"), Desk("t1", "t2")
    desk.take()
    other.take()
    assert desk.kept == other.kept


def test_a_body_that_nobody_can_read_is_left_to_the_quarantine() -> None:
    desk = Desk("t1")
    desk.s3.zone.put(KEY, b"no list", Provenance(fetched_at=""))
    row = desk.take()
    assert (row.items, row.pending, desk.source.asked, desk.bus.put) == (0, (), [], [])


def test_rounds_come_ever_later_and_end() -> None:
    rounds = Rounds(5, timedelta(seconds=15), longest_wait=timedelta(minutes=1))
    waits = [rounds.wait_after(number) for number in range(6)]
    assert waits == [timedelta(seconds=one) for one in (15, 30, 60, 60, 60)] + [None]


ANNAS = "20230604T080000.000Z-1000-move-anna"
BERTS = "20230604T090000.000Z-1000-move-bert"
CARLS = "20230604T100000.000Z-1000-move-carl"


def block(desk: Desk, name: str) -> None:
    desk.users.directory.add(f"our-{name}", {"move": f"move-{name}"}, now=NOW)
    desk.users.directory.block(f"our-{name}", now=NOW)


def test_nothing_is_asked_about_somebody_whose_data_may_not_be_kept() -> None:
    desk = Desk(ANNAS, BERTS, ANNAS)
    block(desk, "anna")
    row = desk.take()
    assert desk.source.asked == [[BERTS]]
    assert (row.items, row.pending, row.refused) == (3, (), {"blocked": 2})
    assert len(desk.kept) == 1


def test_a_notification_of_nobody_else_is_done_without_a_question() -> None:
    desk = Desk(ANNAS)
    block(desk, "anna")
    row = desk.take()
    assert (desk.source.asked, desk.kept) == ([], [])
    assert (row.items, row.pending, row.refused) == (1, (), {"blocked": 1})


def test_who_is_blocked_between_two_rounds_is_not_asked_about_again() -> None:
    desk = Desk(ANNAS, BERTS, source=Source(later={ANNAS: Fate.UNKNOWN}))
    assert desk.take().pending == (0,)
    block(desk, "anna")
    row = desk.take()
    assert desk.source.asked == [[ANNAS, BERTS]]
    assert (row.pending, row.refused) == ((), {"blocked": 1})


def withdrawn(desk: Desk, *left: str) -> None:
    body = json.dumps(left).encode()
    desk.s3.zone.put(KEY, body, Provenance(fetched_at="2023-06-05T10:00:00Z"))


def test_where_items_were_withdrawn_the_places_are_those_of_what_is_left() -> None:
    desk = Desk(ANNAS, BERTS, CARLS, source=Source(later={CARLS: Fate.UNKNOWN}))
    assert desk.take().pending == (2,)
    withdrawn(desk, BERTS, CARLS)
    desk.source.later.clear()
    row = desk.take()
    assert desk.source.asked[2:] == [[BERTS, CARLS]]
    assert (row.items, row.pending, row.refused) == (3, (), {"blocked": 1})
    assert len(desk.bus.put) == 1


def test_what_was_all_answered_before_items_were_withdrawn_is_not_asked_again() -> None:
    desk = Desk(ANNAS, BERTS)
    desk.take()
    withdrawn(desk, BERTS)
    row = desk.take()
    assert desk.source.asked == [[ANNAS, BERTS]]
    assert (row.items, row.pending) == (2, ())


def test_nothing_is_waited_for_where_a_notification_was_withdrawn_as_a_whole() -> None:
    desk = Desk(ANNAS, BERTS, source=Source(later={BERTS: Fate.UNKNOWN}))
    assert desk.take().pending == (1,)
    del desk.s3.objects[str(KEY)]
    row = desk.take()
    assert (row.items, row.pending, row.refused) == (2, (), {"blocked": 1})
