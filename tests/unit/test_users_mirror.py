"""The lake's users: as they are now, however often and in whatever order that is told."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from pyiceberg.catalog import Catalog

from functions import mirror_users
from telematics import tables
from telematics.erasure.persons import Person, Persons
from telematics.erasure.rows import Theirs, is_ours
from telematics.identities import OURS
from telematics.people import Identity
from telematics.users import listing, mirror
from telematics.users.directory import Directory
from telematics.users.mirror import Mirror
from tests.unit.conftest import DATABASE
from tests.unit.lambda_call import Context
from tests.unit.user_world import NOW, UserWorld

LATER = NOW + timedelta(minutes=5)
Rows = Callable[[], list[tuple[Any, ...]]]


@pytest.fixture
def world() -> UserWorld:
    return UserWorld()


@pytest.fixture
def people(world: UserWorld) -> Directory:
    people = world.directory
    people.add("anna", {"move": "m-anna", "dashcam": "d-1"}, now=NOW)
    people.add("ben", now=NOW)
    return people


@pytest.fixture
def lake(world: UserWorld, catalog: Catalog) -> Mirror:
    def read(ids: Iterable[str]) -> mirror.Known:
        return listing.known(cast(Any, world.table), ids)

    return Mirror(read, catalog, DATABASE, lambda: LATER)


@pytest.fixture
def rows(catalog: Catalog) -> Rows:
    def found() -> list[tuple[Any, ...]]:
        names = ("user_id", "provider", "provider_user_id", "status")
        told = tables.ensure(catalog, DATABASE, tables.USERS).scan(selected_fields=names)
        return sorted((tuple(row.values()) for row in told.to_arrow().to_pylist()), key=str)

    return found


def stream(*places: str) -> dict[str, Any]:
    return {"Records": [{"dynamodb": {"Keys": {"user_id": {"S": one}}}} for one in places]}


ANNA = [("anna", "dashcam", "d-1", "active"), ("anna", "move", "m-anna", "active")]
BEN = [("ben", None, None, "active")]


def test_somebody_has_a_row_for_each_link_and_one_without_any(
    people: Directory, lake: Mirror, rows: Rows, catalog: Catalog
) -> None:
    assert lake.refresh(["anna", "ben", "nobody"]) == 3
    assert rows() == ANNA + BEN
    table = catalog.load_table((DATABASE, tables.USERS))
    assert table.spec().is_unpartitioned()
    [ben] = table.scan(row_filter="user_id = 'ben'").to_arrow().to_pylist()
    assert (ben["since"], ben["updated_at"]) == (NOW, LATER)
    assert set(ben) == {*mirror._rows(cast(Any, people.get("ben"))).__next__(), "updated_at"}


def test_what_is_true_now_replaces_what_was(people: Directory, lake: Mirror, rows: Rows) -> None:
    lake.refresh(["anna", "ben"])
    people.unlink("anna", "move")
    people.block("anna", now=LATER)
    people.link("ben", "move", "m-ben")
    lake.refresh(["anna"])
    assert rows() == [("anna", "dashcam", "d-1", "blocked"), *BEN]
    lake.refresh(["anna", "ben"])
    assert rows()[-1] == ("ben", "move", "m-ben", "active")


def test_told_again_without_a_change_it_commits_nothing(
    people: Directory, lake: Mirror, catalog: Catalog
) -> None:
    lake.refresh(["anna", "ben"])
    before = len(catalog.load_table((DATABASE, tables.USERS)).snapshots())
    lake.refresh(["ben", "anna", "anna"])
    lake.refresh([])
    assert len(catalog.load_table((DATABASE, tables.USERS)).snapshots()) == before


def test_whoever_is_being_erased_or_was_has_no_row(
    people: Directory, lake: Mirror, rows: Rows
) -> None:
    lake.refresh(["anna", "ben"])
    people.erase("anna", now=LATER)
    lake.refresh(["anna"])
    assert rows() == BEN
    people.erase("ben", now=LATER)
    people.bury("ben", erasure_id="erasure-1", now=LATER)
    lake.refresh(["anna", "ben"])
    assert rows() == []


def test_an_erasure_that_begins_while_rows_are_written_wins(
    people: Directory, lake: Mirror, rows: Rows
) -> None:
    reads = 0

    def read(ids: Iterable[str]) -> mirror.Known:
        nonlocal reads
        reads += 1
        if reads == 2:  # what is to be committed was read, and is not committed yet
            people.erase("anna", now=LATER)
        return lake.read(ids)

    replace(lake, read=read).refresh(["anna", "ben"])
    assert reads == 4
    assert rows() == BEN


def test_another_writer_in_between_loses_nothing(
    people: Directory, lake: Mirror, rows: Rows
) -> None:
    reads = 0

    def read(ids: Iterable[str]) -> mirror.Known:
        nonlocal reads
        reads += 1
        if reads == 2:
            lake.refresh(["ben"])
        return lake.read(ids)

    replace(lake, read=read).refresh(["anna"])
    assert rows() == ANNA + BEN


def test_the_stream_tells_of_people_and_of_their_identities_which_are_nobody(
    people: Directory, lake: Mirror, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "deployed", lambda: lake)
    mirror_users.handler(stream("anna", "identity:0ab1", "anna", "gone"), Context())
    assert rows() == ANNA


def test_an_erasure_finds_somebody_s_rows_by_name_and_no_one_else_s(
    people: Directory, lake: Mirror, rows: Rows, catalog: Catalog
) -> None:
    lake.refresh(["anna", "ben"])
    table = catalog.load_table((DATABASE, tables.USERS))
    theirs = Theirs(table, Persons((Person("subject", frozenset({Identity(OURS, "ben")})),)))
    assert theirs.found().rows == {"subject": 1}
    theirs.delete()
    assert rows() == ANNA
    assert Theirs(table, Persons(())).found().rows == {}


def test_an_erasure_takes_the_users_for_one_of_the_lake_s_tables() -> None:
    assert [
        one for one in ("user_links", "user_links_2", "move_trips", "others") if is_ours(one)
    ] == [
        "user_links",
        "move_trips",
    ]
