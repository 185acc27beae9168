"""DuckDB in this process, over the lake's own Iceberg tables."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from difflib import get_close_matches
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from infra.cli.engines import iceberg, translation
from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.engines.statement import Kind, Statement
from infra.cli.exits import BadInput, CommandError

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

Setting: TypeAlias = str | bool | int | float | list[str]

ROWS_AT_A_TIME = 2_048
MEMORY_LIMIT = "1GB"  # beyond it, sorts and joins go to a temporary folder
LISTED_TABLES = 30
# What Trino has, DuckDB has not, and sqlglot leaves as it is.
_MACROS = (
    "at_timezone(instant, zone) as timezone(zone, instant)",
    "to_iso8601(instant) as strftime(instant::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ')",
)

_WRONG_SQL = ("Binder", "Catalog", "Conversion", "Mismatch Type", "Out of Range", "Parser")


def answer(statement: Statement, catalog: "Catalog", database: str) -> Answer:
    names = sorted(identifier[-1] for identifier in catalog.list_tables(database))
    if statement.kind is Kind.TABLES:
        return Answer(("table_name",), iter([(name,) for name in names]))
    for name in statement.tables:
        _require(name, names)
    tables = iceberg.load_all(catalog, database, list(statement.tables))
    if statement.tree is None:
        shown = translation.columns(tables[statement.tables[0]])
        return Answer(("column_name", "type"), iter(shown.items()))
    return _run(translation.translated(statement.tree, tables), tables)


def _require(name: str, names: list[str]) -> None:
    if name in names:
        return
    if near := get_close_matches(name, names, n=1):
        raise BadInput(f"there is no table {name!r}: did you mean {near[0]!r}?")
    listed = ", ".join(names[:LISTED_TABLES]) or "none, deploy the stack first"
    raise BadInput(f"there is no table {name!r}; the tables are: {listed}")


def _run(sql: str, tables: Mapping[str, "Table"]) -> Answer:
    with ExitStack() as opened:
        spill = opened.enter_context(TemporaryDirectory(prefix="telematics-query-"))
        settings = dict[str, Setting](memory_limit=MEMORY_LIMIT, temp_directory=spill)
        connection = opened.enter_context(duckdb.connect(config=settings))
        try:
            for name, table in tables.items():
                connection.register(name, iceberg.readable(table))
            _lock(connection)
            reader = connection.sql(sql).to_arrow_reader(ROWS_AT_A_TIME)
        except duckdb.Error as error:
            raise _readable(error) from error
        return Answer(distinct(reader.schema.names), _rows(reader, opened.pop_all()))


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on it reads the registered tables and nothing else of this machine."""
    connection.execute("set TimeZone = 'UTC'")
    for macro in _MACROS:
        connection.execute(f"create macro {macro}")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _rows(reader: Any, opened: ExitStack) -> Iterator[Row]:  # pyarrow ships no types
    with opened:
        try:
            for batch in reader:
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        except (duckdb.Error, OSError, ValueError) as error:  # Arrow hands DuckDB's on as these
            raise _readable(error) from error


def _readable(error: Exception) -> CommandError:
    """Its first paragraph: what follows points into SQL that was translated."""
    kind, _, text = str(error).partition(" Error: ")
    text = " ".join(text.partition("\n\nLINE ")[0].split()) or str(error)
    return (
        BadInput(f"SQL error: {text}")
        if kind in _WRONG_SQL
        else CommandError(f"the query failed: {text}")
    )
