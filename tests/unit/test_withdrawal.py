"""Raw objects without some people: replaced, in every version, and announced as any other."""

import gzip
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from telematics.erasure.persons import Person, Persons
from telematics.ledger import LedgerRow
from telematics.object_versions import NotDeleted
from telematics.people import Identity
from telematics.raw import RawKey, Zone
from telematics.withdrawal import Withdrawal
from tests.unit import fakes
from tests.unit.erasure_buckets import FakeBuckets

KEY = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv")
LONGER = RawKey("sentiance", "transports", date(2023, 6, 4), "transports", "csv.gz")
ANNA = Person("subject", frozenset({Identity("sentiance", "sen-anna")}))
SOUGHT = Persons((ANNA,))
BOTH = b"user_id,mode\nsen-anna,1\nsen-bert,2\n"
BERT = b"user_id,mode\nsen-bert,2\n"


class World:
    """A raw zone with versions, and the ledger."""

    def __init__(self, lake: Path) -> None:
        self.s3 = FakeBuckets(lake)
        self.ledger = fakes.ledger()
        self.withdrawal = Withdrawal(Zone("raw", cast(Any, self.s3)), self.ledger)

    def put(self, *bodies: bytes, key: RawKey = KEY) -> None:
        for body in bodies:
            metadata = {"fetched-at": "then", "sha256": "of what it was"}
            self.s3.put_object(Bucket="raw", Key=str(key), Body=body, Metadata=metadata)

    def bodies(self, key: RawKey = KEY) -> list[bytes | None]:
        return [one.body for one in self.s3.objects["raw"].get(str(key), [])]

    def row(self) -> LedgerRow | None:
        return self.ledger.get("sentiance", KEY.file)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_is_left_takes_the_place_of_all_versions(world: World) -> None:
    world.put(BOTH, BOTH + b"sen-anna,3\n")
    assert world.withdrawal.count(KEY, SOUGHT) == {"subject": 2}
    assert world.withdrawal.withdraw(KEY, SOUGHT) == {"subject": 2}
    assert world.bodies() == [BERT]
    [left] = world.s3.objects["raw"][str(KEY)]
    assert left.metadata["fetched-at"] == "then"
    assert left.metadata["sha256"] != "of what it was"


def test_the_ledger_knows_of_which_version_it_is_the_rest_before_it_is_there(world: World) -> None:
    world.put(BOTH)
    etag = world.s3.head_object(Bucket="raw", Key=str(KEY))["ETag"].strip('"')

    def look(change: str) -> None:
        assert change.startswith("put")
        [item] = cast(Any, world.ledger.table).items.values()
        assert (item["sifted_of"], item["sifted_size"]) == (etag, len(BERT))
        raise InterruptedError

    world.s3.before = look
    with pytest.raises(InterruptedError):
        world.withdrawal.withdraw(KEY, SOUGHT)


def test_again_changes_nothing(world: World) -> None:
    world.put(BOTH)
    world.withdrawal.withdraw(KEY, SOUGHT)
    [before] = world.s3.objects["raw"][str(KEY)]
    assert world.withdrawal.withdraw(KEY, SOUGHT) == {}
    assert world.s3.objects["raw"][str(KEY)] == [before]


def test_an_object_of_nobody_else_goes_with_all_its_versions(world: World) -> None:
    world.put(BERT, b"user_id,mode\nsen-anna,1\n")
    assert world.withdrawal.withdraw(KEY, SOUGHT) == {"subject": 1}
    assert str(KEY) not in world.s3.objects["raw"]


def test_of_an_object_without_them_only_what_it_was_goes(world: World) -> None:
    world.put(BOTH, BERT)
    assert world.withdrawal.withdraw(KEY, SOUGHT) == {}
    assert world.bodies() == [BERT]
    assert world.row() is None


def test_what_was_deleted_before_goes_for_good(world: World) -> None:
    world.put(BOTH)
    world.s3.delete_object(Bucket="raw", Key=str(KEY))
    assert world.withdrawal.count(KEY, SOUGHT) == {}
    assert world.withdrawal.withdraw(KEY, SOUGHT) == {}
    assert str(KEY) not in world.s3.objects["raw"]


def test_an_object_whose_key_begins_like_it_is_another(world: World) -> None:
    world.put(BOTH)
    world.put(gzip.compress(BOTH), key=LONGER)
    world.withdrawal.withdraw(KEY, SOUGHT)
    assert world.bodies(LONGER) == [gzip.compress(BOTH)]


def test_counting_changes_nothing(world: World) -> None:
    world.put(BOTH, BOTH)
    changes: list[str] = []
    world.s3.before = changes.append
    assert world.withdrawal.count(KEY, SOUGHT) == {"subject": 1}
    assert changes == []


def test_versions_that_s3_keeps_are_gone_the_next_time(world: World) -> None:
    world.put(BOTH)
    world.s3.refused = {str(KEY)}
    with pytest.raises(NotDeleted):
        world.withdrawal.withdraw(KEY, SOUGHT)
    world.s3.refused = set()
    world.withdrawal.withdraw(KEY, SOUGHT)
    assert world.bodies() == [BERT]
