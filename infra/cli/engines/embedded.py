"""DuckDB in this process, over the lake's own Iceberg tables, with Trino's SQL translated."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from infra.cli.engines import iceberg
from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.engines.statement import Kind, Statement
from infra.cli.exits import BadInput, CommandError

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

ROWS_AT_A_TIME = 10_000
MEMORY_LIMIT = "1GB"  # beyond it, sorts and joins go to a temporary folder
LISTED_TABLES = 30
# What Trino has, DuckDB has not, and sqlglot leaves as it is.
_MACROS = (
    "at_timezone(instant, zone) as timezone(zone, instant)",
    "to_iso8601(instant) as strftime(instant::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ')",
)
_SQL_TYPES = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "int": "INTEGER",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
}


def answer(statement: Statement, catalog: "Catalog", database: str) -> Answer:
    names = sorted(identifier[-1] for identifier in catalog.list_tables(database))
    if statement.kind is Kind.TABLES:
        return Answer(("table_name",), iter([(name,) for name in names]))
    for name in statement.tables:
        _require(name, names)
    tables = iceberg.load_all(catalog, database, list(statement.tables))
    if statement.kind is Kind.COLUMNS:
        return Answer(("column_name", "type"), _columns(tables[statement.tables[0]]))
    return _run(translated(statement, tables), tables)


def _require(name: str, names: list[str]) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    if near:
        raise BadInput(f"there is no table {name!r}: did you mean {near[0]!r}?")
    listed = ", ".join(names[:LISTED_TABLES]) or "none, deploy the stack first"
    raise BadInput(f"there is no table {name!r}; the tables are: {listed}")


def _columns(table: "Table") -> Iterator[Row]:
    return ((field.name, _sql_type(str(field.field_type))) for field in table.schema().fields)


def _sql_type(iceberg_type: str) -> str:
    return _SQL_TYPES.get(iceberg_type, iceberg_type).lower()


def translated(statement: Statement, tables: Mapping[str, "Table"]) -> str:
    """DuckDB's words. Types are followed through, as Trino's 7 / 2 is 3 and DuckDB's is 3.5."""
    if statement.tree is None:
        raise BadInput("there is no SQL to run")
    tree = _local(statement.tree.copy())
    _name_columns(tree)
    types = {
        name: {field.name: _SQL_TYPES.get(str(field.field_type), "VARCHAR")
               for field in table.schema().fields}
        for name, table in tables.items()
    }  # fmt: skip
    try:
        known = qualify(
            tree.copy(),
            schema=types,
            dialect="trino",
            expand_stars=False,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        tree = annotate_types(known, schema=types, dialect="trino")
    except OptimizeError:
        pass  # DuckDB will say what is wrong, in words about columns rather than scopes
    try:
        return tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise BadInput(
            f"the embedded engine can't run this: {error}; Athena can (--engine athena)"
        ) from error


def _local(tree: exp.Query) -> exp.Query:
    """Without the database's and the catalogue's names, which DuckDB would look for."""
    for node in tree.find_all(exp.Table, exp.Column):
        node.set("db", None)
        node.set("catalog", None)
    return tree


def _name_columns(tree: exp.Query) -> None:
    """A result without a name is called _col0, _col1, ... as on Athena."""
    for query in tree.find_all(exp.Select):
        if query.parent_select is not None:
            continue
        for position, result in enumerate(query.expressions):
            if not isinstance(result, (exp.Alias, exp.Column, exp.Star)) and not result.is_star:
                query.expressions[position].replace(exp.alias_(result.copy(), f"_col{position}"))


def _run(sql: str, tables: Mapping[str, "Table"]) -> Answer:
    spill = TemporaryDirectory(prefix="telematics-query-")
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": spill.name})
    try:
        for name, table in tables.items():
            connection.register(name, iceberg.readable(table))
        _lock(connection)
        reader = connection.sql(sql).to_arrow_reader(ROWS_AT_A_TIME)
    except duckdb.Error as error:
        raise _readable(error) from error
    return Answer(distinct(reader.schema.names), _rows(reader, keep=(connection, spill)))


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on it reads the registered tables and nothing else of this machine."""
    connection.execute("set TimeZone = 'UTC'")
    for macro in _MACROS:
        connection.execute(f"create macro {macro}")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _rows(reader: Any, keep: tuple[duckdb.DuckDBPyConnection, "TemporaryDirectory[str]"]) -> Iterator[Row]:
    connection, spill = keep
    try:
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (duckdb.Error, OSError, ValueError) as error:  # Arrow passes DuckDB's errors on as these
        raise _readable(error) from error
    finally:
        connection.close()
        spill.cleanup()
