"""DuckDB in this process, over the lake's own Iceberg tables."""

import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import duckdb
from sqlglot import exp

from infra.cli import views
from infra.cli.engines import iceberg, narrowing, statement, translation
from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.engines.metered import Meter
from infra.cli.engines.narrowing import EVERYTHING, Extent, Person
from infra.cli.engines.statement import Kind, Statement
from infra.cli.engines.translation import Columns
from infra.cli.exits import BadInput, CommandError
from infra.cli.views import View
from telematics.datasets import PERSON
from telematics.expressions import one_of

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

Typed: TypeAlias = tuple[tuple[str, str], ...]  # columns, and their types
Given: TypeAlias = tuple[tuple[str, Typed], ...]
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


class Made(NamedTuple):
    """A view in DuckDB's words, its columns, and the tables of which it needs all days."""

    sql: str
    columns: Typed
    of_all_days: Set[str]


@cache
def _made(view: View, database: str, known: Given) -> Made:
    """`known` are the columns of what it reads."""
    asked = statement.parse(view.sql, {}, database=database)
    if asked.tree is None:
        raise TypeError(f"the view {view.name} is no SELECT")
    tree = translation.typed(asked.tree, {name: dict(columns) for name, columns in known})
    columns = tuple(translation.answered(tree).items())
    return Made(translation.spelt(tree), columns, narrowing.ranked(tree))


@dataclass(frozen=True)
class Known:
    """What a statement reads: tables, and views, each after those that it reads itself."""

    tables: Mapping[str, "Table"]
    views: Sequence[View]
    database: str

    @cached_property
    def _everything(self) -> tuple[Mapping[str, Columns], Mapping[str, Made]]:
        schema = {name: translation.columns(table) for name, table in self.tables.items()}
        made = {}
        for view in self.views:
            reads = tuple((name, tuple(schema[name].items())) for name in sorted(view.reads))
            made[view.name] = _made(view, self.database, reads)
            schema[view.name] = dict(made[view.name].columns)
        return schema, made

    @property
    def schema(self) -> Mapping[str, Columns]:
        return self._everything[0]

    @property
    def made(self) -> Mapping[str, Made]:
        """Views in the order in which they can be created."""
        return self._everything[1]

    def links(self, users: Set[str]) -> Set[Person]:
        """What providers call these people."""
        found = self.tables[LINKS].scan(
            one_of("user_id", set(users)), selected_fields=("provider", PERSON)
        )
        rows = found.to_arrow().to_pylist()
        return {(row["provider"], row[PERSON]) for row in rows if None not in row.values()}

    def extent(self, tree: exp.Query) -> Extent:
        """The days and people that a statement with types is about."""
        return narrowing.extent(tree, self.schema, self.made.keys(), self.links)

    def readable(self, name: str, about: Extent, meter: Meter) -> "ds.Dataset | pa.Table":
        """A table's rows about these days and people."""
        table = self.tables[name]
        is_ranked = any(name in one.of_all_days for one in self.made.values())
        condition = about.condition(name, table.schema().column_names, of_all_days=is_ranked)
        return iceberg.readable(table, meter, condition)


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
    return _run(tree, known, read)


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


def _run(tree: exp.Query, known: Known, read: Read) -> Answer:
    sql, about = translation.spelt(tree), known.extent(tree)
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connected(known, read.meter, about))
            reader = connection.sql(sql).to_arrow_reader(ROWS_AT_A_TIME)
        except duckdb.Error as error:
            raise _readable(error) from error
        rows = _rows(reader, opened.pop_all())
        next(rows)  # from here on what was opened is closed, even if nobody asks for a row
        return Answer(distinct(reader.schema.names), rows, read)


@contextmanager
def connected(
    known: Known, meter: Meter, about: Extent = EVERYTHING
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables and views are there to be asked, and nothing else of this machine."""
    with TemporaryDirectory(prefix="telematics-query-") as spill:
        settings = dict[str, Setting](memory_limit=MEMORY_LIMIT, temp_directory=spill)
        with duckdb.connect(config=settings) as connection:
            for name in known.tables:
                connection.register(name, known.readable(name, about, meter))
            _prepare(connection)
            for name, made in known.made.items():
                connection.execute(f"create view {name} as {made.sql}")
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
