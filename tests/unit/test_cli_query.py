"""`telematics query`, as the shell sees it."""

import io
import json
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog

from infra.cli import ready
from infra.cli.engines import iceberg
from telematics import tables
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import deployed
from tests.unit.conftest import DATABASE

__all__ = ["telematics"]

MODES = "select mode, count(*) as trips from sentiance_transports group by mode order by mode"


@pytest.fixture
def query(
    telematics: Program, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """Asks a lake with three trips in it."""
    table = tables.ensure(catalog, DATABASE, "sentiance_transports")
    rows = [{"day": date(2023, 6, 4), "mode": mode} for mode in ("car", "car", "train")]
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    monkeypatch.setattr(iceberg, "catalog", lambda _: catalog)
    return lambda *arguments: telematics("query", *arguments, stack=deployed())


def test_an_answer_is_a_table_unless_told_otherwise(query: Callable[..., Ended]) -> None:
    assert [line.split() for line in query(MODES).out.splitlines()] == [
        ["mode", "trips"],
        ["car", "2"],
        ["train", "1"],
    ]
    assert query(MODES, "--format", "csv").out == "mode,trips\ncar,2\ntrain,1\n"
    expected = [{"mode": "car", "trips": 2}, {"mode": "train", "trips": 1}]
    assert json.loads(query(MODES, "--format", "json").out) == expected
    assert json.loads(query("--json", MODES).out) == expected


def test_sql_can_be_piped_in(query: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"-- from a file\n{MODES};\n"))
    assert query("-", "--format", "csv").out == "mode,trips\ncar,2\ntrain,1\n"


def test_parameters_are_filled_in(query: Callable[..., Ended]) -> None:
    sql = "select count(*) as n from sentiance_transports where mode = :mode and day = date(:day)"
    ended = query(sql, "--param", "mode=car", "--param", "day=2023-06-04", "--json")
    assert json.loads(ended.out) == [{"n": 2}]


def test_the_ready_queries_are_listed(query: Callable[..., Ended]) -> None:
    listed = json.loads(query("--list", "--json").out)
    assert [one["name"] for one in listed] == list(ready.queries())
    assert all(one["description"] for one in listed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give SQL, the name of a ready query"),
        (("trips_per_dya",), "did you mean 'trips_per_day'"),
        (("weather",), "query --list"),
        (("select * from weather",), "the tables are: sentiance_transports"),
        (("select mood from sentiance_transports",), '"mood" not found'),
        (("drop table sentiance_transports",), "only reads"),
        (("select 1", "--param", "day"), "NAME=VALUE"),
        (("select 1", "--format", "xml"), "xml"),
        (("select 1", "--engine", "athena"), "no Athena in the sandbox"),
    ],
)
def test_what_makes_no_sense_is_one_line_on_standard_error(
    query: Callable[..., Ended], arguments: tuple[str, ...], message: str
) -> None:
    ended = query(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1
