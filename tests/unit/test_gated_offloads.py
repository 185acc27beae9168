"""Files that are loaded while some people's data may not be kept: nothing of them stays."""

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from typing import IO, Any

import pytest
from pyiceberg.catalog import Catalog

from telematics import convert, identities
from telematics.errors import Busy
from telematics.ledger import State
from telematics.offloads.planning import Need, need
from telematics.offloads.sources import ListedFile
from telematics.raw import RawKey, Zone
from tests.unit.gated_world import GatedWorld

CSV = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
JSON = RawKey("sentiance", "user_metadata", date(2023, 6, 4), "metadata", "json.gz")
TABLE = "sentiance_transports"
HEADER = "user_id,distance,metadata_user_id\n"
FILE = HEADER + "sent-anna,1,our-anna\nsent-bert,2,our-bert\nsent-anna,3,\nsent-carl,4,our-carl\n"


@pytest.fixture
def world(catalog: Catalog) -> GatedWorld:
    return GatedWorld(catalog)


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


@pytest.mark.parametrize("erased", [False, True])
def test_rows_of_somebody_closed_are_dropped_counted_and_withdrawn(
    world: GatedWorld, erased: bool
) -> None:
    world.close("our-anna", erased=erased, sentiance="sent-anna")
    world.put(CSV, packed(FILE))
    first, second = world.settled()
    assert (first.rows, first.dropped) == (2, 2)
    assert (second.rows, second.dropped) == (2, 0)
    assert world.people(TABLE) == ["sent-bert", "sent-carl"]
    assert not world.s3.holds("anna")
    assert world.s3.holds("sent-bert")
    row = world.row(CSV)
    assert (row.state, row.rows, row.dropped) == (State.LOADED, 2, 2)


def test_somebody_is_found_by_our_own_name_in_any_column_that_has_it(world: GatedWorld) -> None:
    world.close("our-bert")
    world.put(CSV, packed(FILE))
    assert [one.dropped for one in world.settled()] == [1, 0]
    assert world.people(TABLE) == ["sent-anna", "sent-anna", "sent-carl"]
    assert not world.s3.holds("bert")


def test_a_file_of_nobody_else_is_gone_and_accounted_for(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    body = packed(HEADER + "sent-anna,1,our-anna\n")
    world.put(CSV, body)
    [only] = world.settled()
    assert (only.rows, only.dropped) == (0, 1)
    assert world.s3.versions == {}
    assert world.people(TABLE) == []
    assert (world.row(CSV).state, world.row(CSV).rows) == (State.LOADED, 0)
    assert world.intake.take(CSV) is None
    assert planned(world, len(body)) is Need.KNOWN


def test_a_bad_row_that_names_somebody_closed_is_not_set_aside(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    world.put(CSV, packed(FILE + "sent-anna,far,x\nsent-bert,far,x\nsent-anna,1,x,y,z\n"))
    first, second = world.settled()
    assert (first.rows, first.quarantined, first.dropped) == (2, 1, 4)
    assert (second.rows, second.quarantined, second.dropped) == (2, 1, 0)
    assert [row["content"] for row in world.rows("quarantine")] == ["sent-bert,far,x"]
    assert not world.s3.holds("anna")


def test_json_is_withdrawn_line_by_line(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    lines = (
        '{"userId": "sent-anna", "label": "x"}\n'
        '{"userId": "sent-bert", "label": "y"}\n'
        '["sent-bert"]\n{"userId": "sent-anna", "userId": 7, "nested": {"user_id": "sent-anna"}}\n'
    )
    world.put(JSON, packed(lines))
    world.settled()
    assert world.people("sentiance_user_metadata") == ["sent-bert"]
    assert not world.s3.holds("anna")
    assert len(world.rows("quarantine")) == 1


def test_nobody_is_hashed_while_nobody_is_closed(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("hashed")

    world.users.directory.add("our-anna", {"sentiance": "sent-anna"}, now=world.now)
    monkeypatch.setattr(identities.Identities, "of", refuse)
    world.put(CSV, packed(FILE))
    assert [one.rows for one in world.settled()] == [4]


def test_each_name_is_hashed_once_in_a_part_of_a_file(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.close("our-dora")
    hashed: list[tuple[str, str]] = []
    of = identities.Identities.of

    def noted(self: identities.Identities, provider: str, id: str) -> str:
        hashed.append((provider, id))
        return of(self, provider, id)

    monkeypatch.setattr(identities.Identities, "of", noted)
    world.put(CSV, packed(HEADER + "sent-anna,1,our-anna\n" * 5_000))
    world.settled()
    assert sorted(hashed) == [("sentiance", "sent-anna"), ("telematics", "our-anna")]


def meanwhile(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]
) -> None:
    """Something happens each time that an object has been opened."""
    opened, open_ = 0, Zone.open

    def interrupted(zone: Zone, key: Any, etag: str) -> IO[bytes]:
        nonlocal opened
        opened += 1
        act(opened)
        return open_(zone, key, etag)

    monkeypatch.setattr(Zone, "open", interrupted)


@pytest.mark.fault("erasure", of=("sentiance",))
def test_who_is_closed_while_a_file_is_read_is_not_in_it(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def block_anna(opened: int) -> None:
        if opened == 1:
            world.close("our-anna", sentiance="sent-anna")

    meanwhile(world, monkeypatch, block_anna)
    world.put(CSV, packed(FILE))
    assert [one.dropped for one in world.settled()] == [2, 0]
    assert world.people(TABLE) == ["sent-bert", "sent-carl"]


def test_where_people_keep_being_closed_it_is_tried_again_later(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(world, monkeypatch, lambda opened: world.close(f"our-{opened}"))
    world.put(CSV, packed(FILE))
    with pytest.raises(Busy):
        world.settled()
    assert world.people(TABLE) == []
    monkeypatch.undo()
    assert world.intake.take(CSV) is not None


def planned(world: GatedWorld, size: int) -> Need:
    file = ListedFile(CSV, "transports", size)
    return need(file, world.row(CSV), now=world.now + timedelta(hours=5))


def listed(world: GatedWorld, size: int) -> None:
    world.ledger.listed(CSV, offload_type="transports", size=size, now=world.now)


def fetched(world: GatedWorld, body: bytes) -> None:
    """As `fetch` does it, before its event is heard."""
    row = world.row(CSV)
    stored = world.s3.zone.head(world.put(CSV, body))
    assert stored is not None
    world.ledger.stored(row, stored, now=world.now)


def test_a_listed_file_that_is_smaller_now_is_not_fetched_again(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    body = packed(FILE)
    listed(world, len(body))
    fetched(world, body)
    assert len(world.settled()) == 2
    assert world.row(CSV).state is State.LOADED
    now_there = world.s3.zone.head(CSV)
    assert now_there is not None
    assert now_there.size != len(body)
    assert planned(world, len(body)) is Need.KNOWN


def test_a_fetch_that_is_overtaken_by_it_all_leaves_the_file_loaded(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    body = packed(FILE)
    listed(world, len(body))
    before = world.row(CSV)
    stored = world.s3.zone.head(world.put(CSV, body))
    assert stored is not None
    world.settled()
    assert world.ledger.stored(before, stored, now=world.now)
    assert world.row(CSV).state is State.LOADED
    assert world.row(CSV).stored_size == len(body)
    assert planned(world, len(body)) is Need.KNOWN
    assert world.intake.take(CSV) is None


def test_the_same_file_fetched_anew_is_dropped_again_and_settles(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    body = packed(FILE)
    listed(world, len(body))
    for _ in range(2):
        fetched(world, body)
        assert [one.dropped for one in world.settled()] == [2, 0]
    assert not world.s3.holds("anna")
    assert planned(world, len(body)) is Need.KNOWN
    assert world.people(TABLE) == ["sent-bert", "sent-carl"]


def test_a_newer_version_of_a_withdrawn_file_is_fetched(world: GatedWorld) -> None:
    world.close("our-anna", sentiance="sent-anna")
    body, newer = packed(FILE), packed(FILE + "sent-dora,5,our-dora\n")
    listed(world, len(body))
    fetched(world, body)
    world.settled()
    assert planned(world, len(newer)) is Need.CHANGED
    row = world.row(CSV)
    world.ledger.relisted(row, offload_type="transports", size=len(newer), now=world.now)
    fetched(world, newer)
    world.settled()
    assert world.people(TABLE) == ["sent-bert", "sent-carl", "sent-dora"]
    assert planned(world, len(newer)) is Need.KNOWN


def test_a_crash_before_the_object_is_withdrawn_is_made_up_for(
    world: GatedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.close("our-anna", sentiance="sent-anna")
    world.put(CSV, packed(FILE))
    with monkeypatch.context() as broken:
        broken.setattr(convert.Load, "commit", crash)
        with pytest.raises(RuntimeError):
            world.settled()
    with monkeypatch.context() as broken:
        broken.setattr("telematics.intake.Intake.withdraw", crash)
        with pytest.raises(RuntimeError):
            world.intake.take(CSV)
    assert world.s3.holds("anna")
    loaded = world.intake.take(CSV)
    assert loaded is not None
    assert loaded.dropped == 2
    assert [one.dropped for one in world.settled()] == [0]
    assert not world.s3.holds("anna")


def crash(*_: object, **__: object) -> None:
    raise RuntimeError("the function was stopped")
