"""Every view and every ready query is the same in Athena's dialect, in Trino's and in DuckDB."""

from collections.abc import Mapping

import pytest
import sqlglot
from pyiceberg.catalog import Catalog
from sqlglot import exp

from infra.cli import ready, views
from infra.cli.engines import embedded, statement, translation
from infra.cli.engines.metered import Meter
from infra.synthesis import ROOT
from tests.unit.conftest import DATABASE
from tests.unit.views_lake import ask, empty_lake, lake

__all__ = ["empty_lake", "lake"]

DIALECTS = ("athena", "trino")
SQL: Mapping[str, str] = {f"view {one.name}": one.sql for one in views.views().values()} | {
    f"query {one.name}": one.filled() for one in ready.queries().values()
}
SAVED = {one.name: one.saved for one in ready.queries().values() if one.parameters}
OF_DUCKDB = {"TIMESTAMP WITH TIME ZONE": "timestamp with time zone"}
EVERY = pytest.mark.parametrize("name", SQL)


@EVERY
@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_is_one_statement_in_either_dialect(name: str, dialect: str) -> None:
    [tree] = sqlglot.parse(SQL[name], read=dialect)
    assert isinstance(tree, exp.Query)
    assert tree.sql(dialect=dialect)


@EVERY
def test_no_case_compares_one_thing_with_values(name: str) -> None:
    """Trino's compiler fails where a condition and a column share such a one."""
    tree = sqlglot.parse_one(SQL[name], read="trino")
    assert [case.sql() for case in tree.find_all(exp.Case) if case.this is not None] == []


@EVERY
def test_what_is_ordered_by_is_no_aggregate_of_a_name_that_is_answered(name: str) -> None:
    """To Trino such a name is what is answered, which is no column to be added up."""
    for select in sqlglot.parse_one(SQL[name], read="trino").find_all(exp.Select):
        order = select.args.get("order")
        added = list(order.find_all(exp.AggFunc)) if order else []
        names = {column.name for one in added for column in one.find_all(exp.Column)}
        assert names.isdisjoint(one.alias_or_name for one in select.expressions)


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_query_is_one_too_and_names_its_parameters(name: str) -> None:
    [tree] = sqlglot.parse(SAVED[name], read="athena")
    assert isinstance(tree, exp.Query)
    for one in ready.named(name).parameters:
        assert f"/* :{one.name} */" in SAVED[name]


@EVERY
def test_names_and_types_are_those_that_duckdb_answers(empty_lake: Catalog, name: str) -> None:
    asked = statement.parse(SQL[name], {}, database=DATABASE)
    assert asked.tree is not None
    known = embedded.what_is_read(asked, empty_lake, DATABASE)
    tree = translation.typed(asked.tree, known.schema)
    with embedded.connected(known, Meter()) as connection:
        relation = connection.sql(translation.spelt(tree))
        answered = {
            column: OF_DUCKDB.get(str(kind), str(kind).lower())
            for column, kind in zip(relation.columns, relation.types, strict=True)
        }
        assert answered == translation.answered(tree)
        assert "unknown" not in answered.values()


@EVERY
def test_it_runs_over_a_lake_without_rows_and_over_one_with_some(
    empty_lake: Catalog, lake: Catalog, name: str
) -> None:
    of_nothing = ask(empty_lake, SQL[name])
    assert of_nothing == [] or name == "query completeness"
    assert len(ask(lake, SQL[name])) >= len(of_nothing)


def test_all_of_them_are_described() -> None:
    page = (ROOT / "docs" / "views.md").read_text()
    for view in views.views():
        assert f"\n## {view}\n" in page
    for query in ready.queries().values():
        assert f"| `{query.name}` | {query.description} |" in page
        assert all(f"`{one}`" in page for one in query.parameters)
