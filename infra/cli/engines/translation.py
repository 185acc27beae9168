"""Trino's SQL in DuckDB's words, types followed through."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from sqlglot import exp
from sqlglot.dialects import Trino
from sqlglot.errors import ErrorLevel, OptimizeError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from infra.cli.exits import BadInput

if TYPE_CHECKING:
    from pyiceberg.table import Table

Columns: TypeAlias = Mapping[str, str]  # by name, in order: their SQL types
Schema: TypeAlias = Mapping[str, Columns]  # by the name of the table or view

SQL_TYPES = {
    "string": "varchar",
    "long": "bigint",
    "int": "integer",
    "double": "double",
    "date": "date",
    "timestamptz": "timestamp with time zone",
}
_RULES = Trino.EXPRESSION_METADATA | {exp.DateDiff: {"returns": exp.DType.BIGINT}}
# What may fail within a TRY, and the type it makes; of a cast its own.
_FAILING = {
    exp.ParseJSON: "json",
    exp.FromISO8601Timestamp: "timestamptz",
    exp.Cast: "",
}
_SPELT = {"timestamptz": "timestamp with time zone", "int": "integer"}


def spelt(tree: exp.Query) -> str:
    """A statement with types, as DuckDB has it."""
    try:
        return _counted(_tolerant(_zipped(tree.copy()))).sql(
            dialect="duckdb", unsupported_level=ErrorLevel.RAISE
        )
    except UnsupportedError as error:
        raise BadInput(
            f"the embedded engine can't run this: {error}; Athena can (--engine athena)"
        ) from error


def columns(table: "Table") -> Columns:
    """Their names and SQL types."""
    return {
        field.name: SQL_TYPES.get(str(field.field_type), str(field.field_type))
        for field in table.schema().fields
    }


def answered(tree: exp.Query) -> Columns:
    """What a statement with types answers."""
    return {one.alias_or_name: _spelt(one) for one in tree.selects}


def typed(tree: exp.Query, schema: Schema) -> exp.Query:
    """With types known, Trino's 7 / 2 can stay 3, which DuckDB would make 3.5."""
    tree = tree.copy()
    _localize(tree)
    _name_columns(tree)
    tree = _in_utc(tree)
    known: dict[str, object] = {name: dict(one) for name, one in schema.items()}
    try:
        qualified = qualify(
            tree.copy(),
            schema=known,
            dialect="trino",
            expand_stars=False,
            quote_identifiers=False,
        )
    except OptimizeError:
        return tree  # DuckDB will say what is wrong, in words about columns rather than scopes
    return annotate_types(qualified, schema=known, dialect="trino", expression_metadata=_RULES)


def _spelt(column: exp.Expr) -> str:
    kind = column.type.sql(dialect="trino").lower() if column.type else "unknown"
    return _SPELT.get(kind, kind)


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


def _in_utc(tree: exp.Query) -> exp.Query:
    """An instant of Trino's has a zone to be shown in; one of DuckDB's is shown in UTC, here."""

    def plain(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() != "at_timezone":
            return node
        instant, zone = node.expressions
        return exp.cast(instant, "timestamptz") if zone.name.upper() == "UTC" else node

    return cast(exp.Query, tree.transform(plain))


def _zipped(tree: exp.Query) -> exp.Query:
    """Several lists side by side: DuckDB unnests them so in a SELECT, but not in a FROM."""

    def beside(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Unnest) or len(node.expressions) < 2:
            return node
        alias = node.args["alias"]
        lists = [
            exp.alias_(exp.Anonymous(this="unnest", expressions=[one]), name.name)
            for one, name in zip(node.expressions, alias.columns, strict=True)
        ]
        rows = exp.Subquery(this=exp.select(*lists))
        return exp.Lateral(this=rows, alias=exp.TableAlias(this=alias.this))

    return cast(exp.Query, tree.transform(beside))


def _tolerant(tree: exp.Query) -> exp.Query:
    """DuckDB may take what is tried twice out of its TRY: so nothing in there fails at all."""
    for tried in list(tree.find_all(exp.Try)):
        for node in reversed(list(tried.find_all(*_FAILING))):
            kind = _FAILING.get(type(node))
            to = exp.DataType.build(kind) if kind else node.args["to"].copy()
            node.replace(exp.TryCast(this=node.this.copy(), to=to))
    return tree


def _counted(tree: exp.Query) -> exp.Query:
    """What Trino counts is a bigint, and a sum of them is one as well."""
    for node in list(tree.find_all(exp.CountIf, exp.Sum)):
        if isinstance(node, exp.Sum) and not node.is_type(exp.DType.BIGINT):
            continue
        whole = node.find_ancestor(exp.Window, exp.Select)
        of_window = isinstance(whole, exp.Window) and whole.this is node
        counted = whole if of_window and whole is not None else node
        counted.replace(exp.Cast(this=counted.copy(), to=exp.DataType.build("bigint")))
    return tree
