"""Trino's SQL in DuckDB's words, types followed through."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from infra.cli.exits import BadInput

if TYPE_CHECKING:
    from pyiceberg.table import Table

SQL_TYPES = {
    "string": "varchar",
    "long": "bigint",
    "int": "integer",
    "double": "double",
    "date": "date",
    "timestamptz": "timestamp with time zone",
}


def translated(tree: exp.Query, tables: Mapping[str, "Table"]) -> str:
    tree = tree.copy()
    _localize(tree)
    _name_columns(tree)
    try:
        return _typed(tree, tables).sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise BadInput(
            f"the embedded engine can't run this: {error}; Athena can (--engine athena)"
        ) from error


def columns(table: "Table") -> dict[str, str]:
    """Their names and SQL types."""
    return {
        field.name: SQL_TYPES.get(str(field.field_type), str(field.field_type))
        for field in table.schema().fields
    }


def _localize(tree: exp.Query) -> None:
    """Take out the database's and the catalogue's names: DuckDB would look for them."""
    for node in tree.find_all(exp.Table, exp.Column):
        node.set("db", None)
        node.set("catalog", None)


def _name_columns(tree: exp.Query) -> None:
    """A result without a name is called _col0, _col1, ... as on Athena."""
    for query in tree.find_all(exp.Select):
        if query.parent_select is not None:
            continue
        for position, result in enumerate(query.expressions):
            if not isinstance(result, (exp.Alias, exp.Column)) and not result.is_star:
                result.replace(exp.alias_(result.copy(), f"_col{position}"))


def _typed(tree: exp.Query, tables: Mapping[str, "Table"]) -> exp.Query:
    """With types known, Trino's 7 / 2 can stay 3, which DuckDB would make 3.5."""
    schema: dict[str, object] = {name: columns(table) for name, table in tables.items()}
    try:
        qualified = qualify(
            tree.copy(),
            schema=schema,
            dialect="trino",
            expand_stars=False,
            quote_identifiers=False,
        )
    except OptimizeError:
        return tree  # DuckDB will say what is wrong, in words about columns rather than scopes
    return annotate_types(qualified, schema=schema, dialect="trino")
