"""A small lake of all four providers, to be asked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog

from infra.cli import ready, views
from infra.cli.engines import embedded, statement
from infra.cli.engines.answer import Answer
from telematics import tables
from tests.unit.conftest import DATABASE
from tests.unit.views_rows import LINKS, ROWS, Row

HELPERS = {"sentiance_told", "sentiance_retold"}  # views that others are made of


def used() -> set[str]:
    """The tables that views and ready queries read."""
    read = set().union(*(view.reads for view in views.views().values()))
    return (read & tables.declared().keys()) | {
        name for name in tables.declared() if any(name in q.sql for q in ready.queries().values())
    }


@contextmanager
def opened(folder: Path) -> Iterator[Catalog]:
    """A lake with all the tables that are needed, and nothing in them."""
    where = {"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
    catalog = SqlCatalog("local", **where)
    catalog.create_namespace(DATABASE)
    for name in sorted(used()):
        tables.ensure(catalog, DATABASE, name)
    yield catalog
    catalog.engine.dispose()


def fill(catalog: Catalog) -> None:
    for name, days in ROWS.items():
        for day, rows in days.items():
            append(catalog, name, day, rows)
    table = catalog.load_table((DATABASE, tables.USERS))
    links = [
        {"user_id": user, "provider": provider, "provider_user_id": who, "status": "active"}
        for user, provider, who in LINKS
    ]
    table.append(pa.Table.from_pylist(links, schema=table.schema().as_arrow()))


def append(catalog: Catalog, name: str, day: date, rows: Sequence[Row]) -> None:
    table = catalog.load_table((DATABASE, name))
    key = f"{name.replace('_', '/', 1)}/day={day}/file.gz"
    ours = {"day": day, "raw_key": key, "loaded_at": datetime(2026, 3, 4, tzinfo=UTC)}
    told = [{**ours, **row, "provider_user_id": row["who"]} for row in rows]
    table.append(pa.Table.from_pylist(told, schema=table.schema().as_arrow()))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with opened(tmp_path_factory.mktemp("lake")) as catalog:
        fill(catalog)
        yield catalog


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with opened(tmp_path_factory.mktemp("empty")) as catalog:
        yield catalog


def answer(catalog: Catalog, sql: str) -> Answer:
    return embedded.answer(statement.parse(sql, {}, database=DATABASE), catalog, DATABASE)


def ask(catalog: Catalog, sql: str) -> list[dict[str, Any]]:
    """The rows, by name."""
    found = answer(catalog, sql)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
