"""DuckDB in this process, over the lake's own Iceberg tables."""

import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb

from infra.cli import views
from infra.cli.engines import iceberg, implied, statement, translation
from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.engines.implied import Link
from infra.cli.engines.metered import Meter
from infra.cli.engines.statement import Kind, Statement
from infra.cli.engines.translation import Columns
from infra.cli.exits import BadInput, CommandError
from infra.cli.views import View
from telematics.expressions import one_of

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

OfOne: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]  # a name, and columns with types
Given: TypeAlias = tuple[OfOne, ...]
Setting: TypeAlias = str | bool | int | float | list[str]

ROWS_AT_A_TIME = 2_048
MEMORY_LIMIT = "1GB"  # beyond it, sorts and joins go to a temporary folder
LISTED_TABLES = 60
LINKS = "user_links"  # what providers call whom
# What Trino has, DuckDB has not, and sqlglot leaves as it is.
_MACROS = (
    "at_timezone(instant, zone) as timezone(zone, instant)",
    "to_iso8601(instant) as strftime(instant::timestamp, '%Y-%m-%dT%H:%M:%S.%gZ')",
)

_WRONG_SQL = ("Binder", "Catalog", "Conversion", "Mismatch Type", "Out of Range", "Parser")


@dataclass(frozen=True)
class Read:
    """Counted while rows come: bytes and files of data, without those that tell of them."""

    meter: Meter = field(default_factory=Meter)
    began: float = field(default_factory=time.monotonic)

    @property
    def bytes(self) -> int:
        return self.meter.bytes

    @property
    def files(self) -> int:
        return self.meter.files

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@cache
def _made(view: View, database: str, known: Given) -> tuple[str, OfOne]:
    """The view in DuckDB's words and its columns, `known` being those of what it reads."""
    asked = statement.parse(view.sql, {}, database=database)
    if asked.tree is None:
        raise TypeError(f"the view {view.name} is no SELECT")
    tree = translation.typed(asked.tree, {name: dict(columns) for name, columns in known})
    return translation.spelt(tree), (view.name, tuple(translation.answered(tree).items()))


@dataclass(frozen=True)
class Known:
    """What a statement reads: tables, and views, each after those that it reads itself."""

    tables: Mapping[str, "Table"]
    views: Sequence[View]
    database: str

    @cached_property
    def _everything(self) -> tuple[Mapping[str, Columns], Mapping[str, str]]:
        schema = {name: translation.columns(table) for name, table in self.tables.items()}
        made = {}
        for view in self.views:
            reads = tuple((name, tuple(schema[name].items())) for name in sorted(view.reads))
            made[view.name], (_, columns) = _made(view, self.database, reads)
            schema[view.name] = dict(columns)
        return schema, made

    @property
    def schema(self) -> Mapping[str, Columns]:
        return self._everything[0]

    @property
    def made(self) -> Mapping[str, str]:
        """Views in DuckDB's words, in the order in which they can be created."""
        return self._everything[1]

    @property
    def by_person(self) -> Set[str]:
        """The views with rows of people, each of a day."""
        return {name for name in self.made if {"day", "user_id"} <= self.schema[name].keys()}

    def links(self, users: Set[str]) -> Sequence[Link]:
        """What providers call these people."""
        theirs = one_of("user_id", set(users))
        found = self.tables[LINKS].scan(theirs, selected_fields=("provider", "provider_user_id"))
        rows = found.to_arrow().to_pylist()
        named = {(one["provider"], one["provider_user_id"]) for one in rows}
        return sorted(one for one in named if None not in one)


def answer(asked: Statement, catalog: "Catalog", database: str) -> Answer:
    read = Read()
    tables = [identifier[-1] for identifier in catalog.list_tables(database)]
    names = sorted({*tables, *views.available(tables)})
    if asked.kind is Kind.TABLES:
        return Answer(("table_name",), iter([(name,) for name in names]))
    for name in asked.tables:
        _require(name, names)
    known = what_is_read(asked, catalog, database)
    if asked.tree is None:
        return Answer(("column_name", "type"), iter(known.schema[asked.tables[0]].items()))
    tree = translation.typed(asked.tree, known.schema)
    tree = implied.with_implied(tree, known.by_person, known.links)
    return _run(translation.spelt(tree), known, read)


def what_is_read(asked: Statement, catalog: "Catalog", database: str) -> Known:
    read = views.needed(asked.tables)
    wanted = {*asked.tables}.union(*(view.reads for view in read)) - {view.name for view in read}
    return Known(iceberg.load_all(catalog, database, sorted(wanted)), read, database)


def _require(name: str, names: list[str]) -> None:
    if name in names:
        return
    if near := get_close_matches(name, names, n=1):
        raise BadInput(f"there is no table {name!r}: did you mean {near[0]!r}?")
    listed = ", ".join(names[:LISTED_TABLES]) or "none, deploy the stack first"
    raise BadInput(f"there is no table {name!r}; the tables are: {listed}")


def _run(sql: str, known: Known, read: Read) -> Answer:
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connected(known, read.meter))
            reader = connection.sql(sql).to_arrow_reader(ROWS_AT_A_TIME)
        except duckdb.Error as error:
            raise _readable(error) from error
        rows = _rows(reader, opened.pop_all())
        next(rows)  # from here on what was opened is closed, even if nobody asks for a row
        return Answer(distinct(reader.schema.names), rows, read)


@contextmanager
def connected(known: Known, meter: Meter) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables and views are there to be asked, and nothing else of this machine."""
    with TemporaryDirectory(prefix="telematics-query-") as spill:
        settings = dict[str, Setting](memory_limit=MEMORY_LIMIT, temp_directory=spill)
        with duckdb.connect(config=settings) as connection:
            for name, table in known.tables.items():
                connection.register(name, iceberg.readable(table, meter))
            _prepare(connection)
            for name, made in known.made.items():
                connection.execute(f"create view {name} as {made}")
            _lock(connection)
            yield connection


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("set TimeZone = 'UTC'")
    for macro in _MACROS:
        connection.execute(f"create macro {macro}")


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on it reads the registered tables and nothing else of this machine."""
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _rows(reader: Any, opened: ExitStack) -> Iterator[Row]:  # pyarrow ships no types
    # Its close lets go of Python, which those need who are still reading ahead: nothing else does.
    with opened, closing(reader):
        yield ()
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
