"""Users by status, a page at a time, and how many there are."""

import pytest

from telematics.errors import Busy, InvalidRequest
from telematics.users.user import Status
from tests.unit.user_world import NOW, UserWorld


@pytest.fixture
def world() -> UserWorld:
    """Ten users: three of them blocked, two being erased, and one more who was."""
    world = UserWorld()
    directory = world.directory
    for number in range(11):
        directory.add(f"u{number:02}", {"move": f"m{number}"}, now=NOW)
    for id in ("u01", "u04", "u07"):
        directory.block(id, now=NOW)
    for id in ("u02", "u08", "u10"):
        directory.erase(id, now=NOW)
    directory.bury("u10", erasure_id="e-1", now=NOW)
    return world


def walked(world: UserWorld, status: Status | None, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = world.directory.list(status, cursor, limit)
        pages.append([one.user_id for one in page.users])
        if (cursor := page.cursor) is None:
            return pages


ACTIVE, BLOCKED, ERASING = (
    ["u00", "u03", "u05", "u06", "u09"],
    ["u01", "u04", "u07"],
    ["u02", "u08"],
)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 10, 50])
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, [*ACTIVE, *BLOCKED, *ERASING]),
        (Status.ACTIVE, ACTIVE),
        (Status.BLOCKED, BLOCKED),
        (Status.ERASING, ERASING),
        (Status.ERASED, []),
    ],
)
def test_pages_hold_each_user_once_in_a_stable_order(
    world: UserWorld, status: Status | None, expected: list[str], limit: int
) -> None:
    pages = walked(world, status, limit)
    assert [id for page in pages for id in page] == expected
    assert all(len(page) == limit for page in pages[:-1])


def test_a_page_reads_no_more_of_the_index_than_it_shows(world: UserWorld) -> None:
    world.table.queries = 0
    assert len(world.directory.list(limit=3).users) == 3
    assert world.table.queries == 1


def test_users_are_shown_as_they_are_even_where_the_index_is_behind(world: UserWorld) -> None:
    world.table.items["u00"]["status"] = "blocked"
    found = {one.user_id: one.status for one in world.directory.list().users}
    assert found["u00"] is Status.BLOCKED
    assert "u00" not in {one.user_id for one in world.directory.list(Status.ACTIVE).users}


def test_what_dynamodb_leaves_out_is_asked_for_again(world: UserWorld) -> None:
    world.table.leaves_out = 2
    assert len(world.directory.list().users) == 10


def test_a_table_that_leaves_out_everything_is_busy(
    world: UserWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.unit.user_world.FakeMeta.batch_get_item",
        lambda _, *, RequestItems: {"Responses": {}, "UnprocessedKeys": RequestItems},  # noqa: N803
    )
    with pytest.raises(Busy):
        world.directory.list()


def test_everybody_who_is_being_erased_is_found(world: UserWorld) -> None:
    world.table.page_size = 1
    assert [one.user_id for one in world.directory.erasing()] == ERASING


def test_users_are_counted_by_status_the_erased_once_each(world: UserWorld) -> None:
    world.table.page_size = 2
    counts = world.directory.counts()
    assert [counts[status] for status in Status] == [5, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["%", "x", "YWN0aXZl", "bm9uc2Vuc2U6dTAx", "_w", "YWN0aXZlOg"])
def test_a_cursor_of_somebody_elses_is_refused(world: UserWorld, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        world.directory.list(cursor=cursor)


def test_a_cursor_of_another_list_is_refused(world: UserWorld) -> None:
    cursor = world.directory.list(Status.ACTIVE, limit=1).cursor
    with pytest.raises(InvalidRequest):
        world.directory.list(Status.BLOCKED, cursor)


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_its_limits(world: UserWorld, limit: int) -> None:
    with pytest.raises(InvalidRequest):
        world.directory.list(limit=limit)
