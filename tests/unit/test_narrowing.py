"""Tables are read for the days and people that a statement is about, which changes no answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from sqlglot import exp

from infra.cli import views
from infra.cli.engines import embedded, statement, translation
from infra.cli.engines.metered import Meter
from infra.cli.engines.narrowing import ANY, EVERYTHING, Extent
from tests.unit.conftest import DATABASE
from tests.unit.views_lake import HELPERS, append, fill, opened
from tests.unit.views_rows import LINKS, MONDAY, ROWS, TUESDAY

BY_DAY = sorted({*views.views()} - {"users"})
LATER = (3, 7, 9)
SPANS = [
    (MONDAY + timedelta(days=number), MONDAY + timedelta(days=number + length))
    for number in (0, 4, 8)
    for length in (0, 2)
]
Rows = list[dict[str, Any]]  # Any: what columns hold


def typed(catalog: Catalog, sql: str) -> tuple[exp.Query, embedded.Known]:
    asked = statement.parse(sql, {}, database=DATABASE)
    assert asked.tree is not None
    known = embedded.what_is_read(asked, catalog, DATABASE)
    return translation.typed(asked.tree, known.schema), known


def about(catalog: Catalog, sql: str) -> Extent:
    tree, known = typed(catalog, sql)
    return known.extent(tree)


def answered(catalog: Catalog, sql: str, extent: Extent = EVERYTHING) -> Rows:
    tree, known = typed(catalog, sql)
    with embedded.connected(known, Meter(), extent) as connection:
        rows: Rows = connection.sql(translation.spelt(tree)).to_arrow_table().to_pylist()
    return sorted(rows, key=repr)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """What was told is told again some days later, some of it once and some of it twice."""
    with opened(tmp_path_factory.mktemp("again")) as catalog:
        fill(catalog)
        for name, days in ROWS.items():
            for day, rows in days.items():
                for later in LATER:
                    append(catalog, name, day + timedelta(days=later), rows)
        yield catalog


@pytest.mark.parametrize("view", BY_DAY)
def test_days_of_a_view_are_the_same_from_tables_of_these_days(again: Catalog, view: str) -> None:
    everything = answered(again, f"select * from {view}")  # noqa: S608  # own
    assert len({row["day"] for row in everything}) > 2
    for first, last in SPANS:
        expected = [row for row in everything if first <= row["day"] <= last]
        days = f"day between date '{first}' and date '{last}'"
        sql = f"select * from {view} where {days}"  # noqa: S608  # own
        extent = about(again, sql)
        assert (extent.first, extent.last) == (first, last)
        assert answered(again, sql, extent) == expected


@pytest.mark.parametrize("view", BY_DAY)
def test_rows_of_people_are_the_same_from_tables_of_these_people(again: Catalog, view: str) -> None:
    everything = answered(again, f"select * from {view}")  # noqa: S608  # own
    people = {row["provider_user_id"] for row in everything} - {None}
    assert people
    for person in people:
        expected = [row for row in everything if row["provider_user_id"] == person]
        sql = f"select * from {view} where provider_user_id = '{person}'"  # noqa: S608  # own
        extent = about(again, sql)
        assert extent == Extent(people={(ANY, person)})
        assert answered(again, sql, extent) == expected


@pytest.mark.parametrize("view", sorted({*BY_DAY} - HELPERS))
def test_rows_of_our_people_are_the_same_by_what_providers_call_them(
    again: Catalog, view: str
) -> None:
    everything = answered(again, f"select * from {view}")  # noqa: S608  # own
    sql = f"select * from {view} where user_id = 'anna'"  # noqa: S608  # own
    extent = about(again, sql)
    assert extent.people == {(whose, who) for user, whose, who in LINKS if user == "anna" and who}
    expected = [row for row in everything if row["user_id"] == "anna"]
    assert answered(again, sql, extent) == expected
    assert expected


@pytest.mark.parametrize(
    ("table", "expected"), [("move_points", True), ("zendrive_trips", False), ("quarantine", True)]
)
def test_a_table_has_people_of_its_own_provider_and_quarantine_those_of_all(
    table: str, expected: bool
) -> None:
    columns = ("day", "provider_user_id")
    condition = Extent(people={("move", "m-anna")}).condition(table, columns, of_all_days=False)
    row = pa.table({"provider_user_id": ["m-anna"]})
    assert bool(row.filter(condition).num_rows) is expected


# In the statements that follow.
WORDS = {
    "ON_MONDAY": "day = date '2026-03-02'",
    "SINCE_MONDAY": "day >= date '2026-03-02'",
    "UNTIL_TUESDAY": "day < date '2026-03-03'",
}


def spelt_out(sql: str) -> str:
    for word, condition in WORDS.items():
        sql = sql.replace(word, condition)
    return sql


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 from trips where ON_MONDAY", Extent(MONDAY, MONDAY)),
        ("select 1 from trips where SINCE_MONDAY", Extent(MONDAY)),
        ("select 1 from trips where UNTIL_TUESDAY", Extent(last=TUESDAY)),
        (
            "select 1 from trips where date_add('day', 1, date '2026-03-01') = day",
            Extent(MONDAY, MONDAY),
        ),
        (
            "select 1 from trips where day in (date '2026-03-02', date '2026-03-03')",
            Extent(MONDAY, TUESDAY),
        ),
        (
            "with t as (select * from trips where ON_MONDAY) select 1 from t join t u using (day)",
            Extent(MONDAY, MONDAY),
        ),
        (
            "select 1 from trips where ON_MONDAY union all select 1 from clips where SINCE_MONDAY",
            Extent(MONDAY),
        ),
        (
            "select 1 from trips where ON_MONDAY and 1 = (select 1 from clips where ON_MONDAY)",
            Extent(MONDAY, MONDAY),
        ),
        (
            "select 1 from trips t join users u on u.user_id = t.user_id where t.ON_MONDAY",
            Extent(MONDAY, MONDAY),
        ),
        (
            "select 1 from trips where provider_user_id in ('a', 'b')",
            Extent(people={(ANY, "a"), (ANY, "b")}),
        ),
        ("select 1 from trips where user_id = 'nobody'", Extent(people=frozenset())),
        (
            "select 1 from trips where ON_MONDAY union all select 1 from clips where 'a' = ''",
            Extent(MONDAY, MONDAY),
        ),
        # These are about everything.
        ("select 1 from trips where ON_MONDAY or user_id = 'anna'", EVERYTHING),
        ("select 1 from trips where not (ON_MONDAY)", EVERYTHING),
        ("select 1 from trips where ON_MONDAY union all select 1 from clips", EVERYTHING),
        ("select 1 from trips t left join clips c on c.day = t.day where t.ON_MONDAY", EVERYTHING),
        ("select 1 from trips t left join clips c on c.ON_MONDAY", EVERYTHING),
        ("select 1 from (select day from trips) t where ON_MONDAY", EVERYTHING),
        ("select 1 from trips where day = (select max(day) from trips)", EVERYTHING),
        ("select 1 from trips where day <> date '2026-03-02'", EVERYTHING),
        ("select 1 from trips where user_id like 'ann%'", EVERYTHING),
        ("select 1 from trips where provider_user_id <> 'a'", EVERYTHING),
        ("select 1 from users where user_id = 'anna'", EVERYTHING),
        ("select 1 from trips where 'a' = ''", EVERYTHING),
        ("select 1", EVERYTHING),
    ],
)
def test_a_statement_is_about_what_each_of_its_mentions_says(
    again: Catalog, sql: str, expected: Extent
) -> None:
    assert about(again, spelt_out(sql)) == expected


def test_an_exists_of_other_days_needs_those(again: Catalog) -> None:
    others = "select 1 from clips c where c.UNTIL_TUESDAY"
    sql = f"select 1 from trips t where t.ON_MONDAY and not exists ({others})"  # noqa: S608  # own
    assert about(again, spelt_out(sql)) == Extent(last=TUESDAY)


def test_reports_of_crashes_are_ranked_over_all_days(again: Catalog) -> None:
    _, known = typed(again, "select * from collisions")
    assert known.made["collisions"].of_all_days == {"sentiance_crash_insights", "user_links"}
