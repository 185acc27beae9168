"""What was loaded is loaded again when that is asked for: the same rows, and nobody comes back."""

import gzip
import json
from datetime import date, timedelta

import pytest
from pyiceberg.catalog import Catalog

from telematics.announced import Announced, key_in
from telematics.closed import Closed
from telematics.convert import Loaded
from telematics.errors import MalformedPayload
from telematics.intake import LEASE
from telematics.ledger import State
from telematics.raw import RawKey
from telematics.together import Batch
from tests.unit import timeline
from tests.unit.gated_world import GatedWorld
from tests.unit.user_world import NOW

DAY = date(2023, 6, 4)
FILE = RawKey("sentiance", "transports", DAY, "transports", "csv.gz")
NOTICE = RawKey("move", "timeline", DAY, "a" * 64, "json")
TABLES = {FILE: "sentiance_transports", NOTICE: "move_notifications"}
BODIES = {
    FILE: gzip.compress(b"user_id,distance\nanna-4711,1\nbert-4712,2\n", mtime=0),
    NOTICE: json.dumps(
        {
            "items": [
                json.loads(timeline.notification(at, contract=one))["items"][0]
                for at, one in (
                    ("2023-06-04T08:00:00Z", "anna-4711"),
                    ("2023-06-04T09:00:00Z", "bert-4712"),
                )
            ]
        }
    ).encode(),
}
both = pytest.mark.parametrize("key", [FILE, NOTICE], ids=["a file", "a notification"])


@pytest.fixture
def world(catalog: Catalog) -> GatedWorld:
    return GatedWorld(catalog)


def close_anna(world: GatedWorld, *, erased: bool = False) -> None:
    world.close("our-anna", erased=erased, sentiance="anna-4711", move="anna-4711")


def again(world: GatedWorld, key: RawKey) -> Loaded | None:
    world.now += timedelta(hours=1)
    return Batch.begin(world.intake, [key], again={key}).take(key)


def arrived(world: GatedWorld, key: RawKey) -> RawKey:
    world.put(key, BODIES[key])
    world.settled()
    return key


@both
def test_what_was_loaded_is_loaded_again_into_the_same_rows(world: GatedWorld, key: RawKey) -> None:
    arrived(world, key)
    before = world.rows(TABLES[key])
    assert Batch.begin(world.intake, [key]).take(key) is None
    loaded = again(world, key)
    assert loaded is not None
    assert loaded.rows == 2
    after = world.rows(TABLES[key])
    assert len(after) == len(before) == 2
    assert {row["loaded_at"] for row in after} == {world.now}
    old, new = ([{**row, "loaded_at": None} for row in rows] for rows in (before, after))
    assert sorted(new, key=repr) == sorted(old, key=repr)
    assert world.row(key).state is State.LOADED
    assert world.s3.heard() == []


@both
def test_of_who_was_blocked_since_everything_stays_in_raw_and_in_the_lake(
    world: GatedWorld, key: RawKey
) -> None:
    arrived(world, key)
    close_anna(world)
    loaded = again(world, key)
    assert loaded is not None
    assert (loaded.rows, loaded.dropped) == (2, 0)
    assert world.people(TABLES[key]) == ["anna-4711", "bert-4712"]
    assert world.s3.holds("anna-4711")
    assert world.s3.heard() == []


@both
@pytest.mark.parametrize("erased", [False, True])
def test_what_came_of_somebody_who_was_closed_does_not_come_back(
    world: GatedWorld, key: RawKey, *, erased: bool
) -> None:
    close_anna(world, erased=erased)
    arrived(world, key)
    loaded = again(world, key)
    assert loaded is not None
    assert loaded.rows == 1
    assert world.people(TABLES[key]) == ["bert-4712"]


@both
def test_who_is_erased_since_is_dropped_and_withdrawn(world: GatedWorld, key: RawKey) -> None:
    arrived(world, key)
    close_anna(world, erased=True)
    loaded = again(world, key)
    assert loaded is not None
    assert (loaded.rows, loaded.dropped) == (1, 1)
    new = [row for row in world.rows(TABLES[key]) if row["loaded_at"] == world.now]
    assert [row["provider_user_id"] for row in new] == ["bert-4712"]
    assert not world.s3.holds("anna-4711")


@both
def test_what_was_never_loaded_passes_the_whole_gate(world: GatedWorld, key: RawKey) -> None:
    world.put(key, BODIES[key])
    close_anna(world)
    loaded = again(world, key)
    assert loaded is not None
    assert (loaded.rows, loaded.dropped) == (1, 1)
    assert world.people(TABLES[key]) == ["bert-4712"]
    assert not world.s3.holds("anna-4711")


@both
def test_what_somebody_is_loading_is_left_to_them(world: GatedWorld, key: RawKey) -> None:
    arrived(world, key)
    etag = world.row(key).etag
    world.ledger.claim(
        key, etag, size=1, now=world.now + timedelta(hours=1), lease=LEASE, forced=True
    )
    assert again(world, key) is None


def test_a_block_that_turns_into_an_erasure_is_noticed(world: GatedWorld) -> None:
    close_anna(world)
    blocked = Closed.now(world.users.gate())
    world.users.directory.erase("our-anna", now=NOW)
    leaving = Closed.now(world.users.gate())
    assert blocked.for_good.is_empty
    assert not leaving.for_good.is_empty
    assert blocked.lacks_any(leaving)
    assert not leaving.lacks_any(blocked)


@pytest.mark.parametrize("again", [False, True])
def test_an_announcement_is_read_as_it_was_written(*, again: bool) -> None:
    told = Announced(FILE, again=again)
    assert Announced.parse(told.body) == told
    assert key_in(told.body) == str(FILE)


def test_an_event_of_the_bucket_itself_asks_for_nothing_twice() -> None:
    event = {"source": "aws.s3", "detail": {"object": {"key": str(NOTICE), "size": 1}}}
    assert Announced.parse(json.dumps(event)) == Announced(NOTICE)
    with pytest.raises(MalformedPayload):
        Announced.parse('{"detail": {"object": {"key": "notes.txt"}}}')


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"detail": {"object": {"key": 1}}}'])
def test_of_any_other_message_no_key_is_known(body: str) -> None:
    assert key_in(body) == ""
