"""Through the views no more is read than must be, and what is read is counted."""

from collections.abc import Iterator
from datetime import date

import pytest
from pyiceberg.catalog import Catalog

from infra.cli.engines import embedded, statement, translation
from infra.cli.engines.metered import Meter
from tests.unit.conftest import DATABASE
from tests.unit.views_lake import answer, append, ask, fill, opened

DAYS = [date(2026, 4, day) for day in range(1, 5)]
PEOPLE = ("m-anna", "m-bob", "m-cid")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Of each day a file for each person."""
    with opened(tmp_path_factory.mktemp("month")) as catalog:
        fill(catalog)
        for day in DAYS:
            for who in PEOPLE:
                rows = [{"who": who, "trip_id": f"{who}/{day}", "lat": 48.0, "speed": 36.0}] * 50
                append(catalog, "move_points", day, rows)
        yield catalog


def files(catalog: Catalog, where: str) -> int:
    """Of points, without that of who is linked."""
    sql = f"select count(*) as n from trip_points where provider = 'move' and {where}"  # noqa: S608
    found = answer(catalog, sql)
    assert list(found.rows)
    assert isinstance(found.work, embedded.Read)
    return sum("/move_points/" in path for path in found.work.meter.paths)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("true", 13),
        ("day = date '2026-04-02'", 3),
        ("day between date '2026-04-02' and date '2026-04-03'", 6),
        ("provider_user_id = 'm-bob'", 4),
        ("provider_user_id = 'm-bob' and day = date '2026-04-02'", 1),
        ("user_id = 'anna'", 5),
        ("user_id in ('anna')", 5),
        ("user_id = 'anna' and day = date '2026-04-02'", 1),
        ("('' = '' or user_id = '') and user_id = 'anna'", 5),
        ("user_id = 'bob'", 0),
        ("(user_id = 'anna' or day = date '2026-04-01')", 13),
    ],
)
def test_files_of_other_days_and_people_are_not_read(
    month: Catalog, where: str, expected: int
) -> None:
    assert files(month, where) == expected


@pytest.mark.parametrize(
    ("provider", "scans"),
    [
        ("move", 2),  # the items, and who is linked
        ("sentiance", 4),  # the trips, beside them those of both ends of a retelling
    ],
)
def test_only_the_branches_of_the_chosen_providers_are_planned(
    month: Catalog, provider: str, scans: int
) -> None:
    where = f"provider = '{provider}' and day = date '2026-03-02'"
    sql = f"select count(*) as n from trips where {where}"  # noqa: S608  # own
    asked = statement.parse(sql, {}, database=DATABASE)
    known = embedded.what_is_read(asked, month, DATABASE)
    assert asked.tree is not None
    with embedded.connected(known, Meter()) as connection:
        tree = translation.typed(asked.tree, known.schema)
        [(_, plan)] = connection.execute(f"explain {translation.spelt(tree)}").fetchall()
    assert plan.count("ARROW_SCAN") == scans


def test_bytes_are_counted_while_rows_come(month: Catalog) -> None:
    found = answer(month, "select provider_user_id, trip_id from trip_points where provider='move'")
    assert found.work is not None
    assert len(list(found.rows)) == 50 * len(DAYS) * len(PEOPLE) + 1
    stored = sum(
        task.file.file_size_in_bytes
        for task in month.load_table((DATABASE, "move_points")).scan().plan_files()
    )
    assert 0 < found.work.bytes <= 2 * stored
    narrow = answer(month, "select count(*) from move_points where day = date '2026-04-01'")
    assert list(narrow.rows) == [(150,)]
    assert narrow.work is not None
    assert narrow.work.files == 3
    assert 0 < narrow.work.bytes < found.work.bytes


def test_users_without_a_link_are_not_narrowed_away(month: Catalog) -> None:
    rows = ask(month, "select provider from users where user_id = 'bob'")
    assert rows == [{"provider": None}]
