"""Ready queries: their parameters are declared in their files, checked early, and shown."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlglot
from pyiceberg.catalog import Catalog

from infra.cli import parameters, ready
from infra.cli.engines import iceberg
from infra.cli.exits import BadInput
from infra.cli.parameters import Parameter
from infra.cli.ready import ReadyQuery
from tests.unit.cli_program import Ended, Program, telematics
from tests.unit.cli_stack import deployed
from tests.unit.views_lake import lake

__all__ = ["lake", "telematics"]

EVERY = pytest.mark.parametrize("query", ready.queries().values(), ids=lambda one: one.name)
SQL = """-- What for
-- :from date = today-7  first day
-- :who text = ''  whose
-- :most integer = 5  how many
-- :least number = -0.5  from where on
-- :must text  without a default
-- :not a parameter, but words
select ':who', a::b from t where d >= :from and w = :who and n < :most and x > :least and m = :must
"""
QUERY = ReadyQuery("q", "What for", SQL, parameters.declared(SQL))


def today(days: int = 0) -> str:
    return str(datetime.now(UTC).date() + timedelta(days=days))


def test_the_comments_of_a_file_declare_its_parameters() -> None:
    assert [str(one) for one in QUERY.parameters] == [
        *("from date = today-7", "who text = ''", "most integer = 5", "least number = -0.5"),
        "must text",
    ]
    assert QUERY.parameters[0].meaning == "first day"


def test_values_become_literals_of_their_types() -> None:
    filled = QUERY.filled({"must": "it's", "from": "2026-03-02", "least": "2"})
    assert "d >= date '2026-03-02' and w = '' and n < 5 and x > 2.0e0 and m = 'it''s'" in filled
    assert "-- :from date = today-7  first day" in filled
    assert f"d >= date '{today(-7)}'" in QUERY.filled({"must": ""})


def test_a_value_is_nothing_but_a_value() -> None:
    hostile = "x' or 1 = 1 --"
    filled = QUERY.filled({"must": hostile})
    tree = sqlglot.parse_one(filled.replace(", a::b", ""), read="trino")
    assert hostile in {one.this for one in tree.find_all(sqlglot.exp.Literal)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "q needs --param must=...: without a default"),
        ({"must": "a", "form": "b"}, "--param form: q has these: from date = today-7, who text"),
        (
            {"must": "a", "from": "monday"},
            "first day; give a day like 2023-06-04, today or today-30",
        ),
        ({"must": "a", "from": "today-999999"}, "first day"),
        ({"must": "a", "most": "1.5"}, "how many; give a whole number"),
        ({"must": "a", "least": "nan"}, "give a number like 0.5"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_would(given: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        QUERY.filled(given)


def test_a_saved_query_counts_days_by_itself() -> None:
    assert "d >= date_add('day', -7, current_date) /* :from */" in QUERY.saved
    assert "n < 5 /* :most */" in QUERY.saved
    assert Parameter("a", "date", "today", "a").standing == "current_date"


@EVERY
def test_every_ready_query_says_what_for_and_runs_as_it_is(query: ReadyQuery) -> None:
    assert query.description
    assert all(one.meaning for one in query.parameters)
    assert query.sql.count("-- :") == len(query.parameters)
    for one in query.parameters:
        assert one.default is not None
        assert query.sql.count(f":{one.name}") >= 2  # declared, and used
    assert query.filled()


def test_there_are_enough_of_them() -> None:
    assert len(ready.queries()) >= 12


@pytest.fixture
def query(
    telematics: Program, lake: Catalog, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    monkeypatch.setattr(iceberg, "catalog", lambda _: lake)
    return lambda *arguments: telematics("query", *arguments, stack=deployed())


def test_they_are_listed_with_their_parameters(query: Callable[..., Ended]) -> None:
    listed = {one["name"]: one for one in json.loads(query("--list", "--json").out)}
    assert listed.keys() == ready.queries().keys()
    assert listed["trips_per_day"]["parameters"][0] == {
        **{"name": "from", "type": "date", "default": "today-30"},
        "meaning": "first day, of the provider's data",
    }
    assert "from date = today-30" in query("--list").out


def test_one_is_run_with_values_and_tells_what_it_read(query: Callable[..., Ended]) -> None:
    days = ("--param", "from=2026-03-02", "--param", "to=2026-03-02")
    ended = query("trips-per-day", *days, "--json", "--stats")
    assert [row["provider"] for row in json.loads(ended.out)] == ["move", "sentiance", "zendrive"]
    told = json.loads(ended.err)
    assert told.keys() == {"bytes", "files", "seconds"}
    assert told["bytes"] > 0
    assert told["files"] >= 3
    assert json.loads(query("trips_per_day", "--json").out) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--param", "form=2026-03-02"), "trips_per_day has these: from date = today-30"),
        (("--param", "from=soon"), "give a day like 2023-06-04"),
        (("--param", "from"), "NAME=VALUE"),
    ],
)
def test_what_it_does_not_understand_is_bad_input(
    query: Callable[..., Ended], given: tuple[str, ...], message: str
) -> None:
    ended = query("trips_per_day", *given)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_views_are_shown_and_described_like_tables(query: Callable[..., Ended]) -> None:
    shown = {row["table_name"] for row in json.loads(query("show tables", "--json").out)}
    assert {"trips", "users", "user_links", "move_points"} <= shown
    described = json.loads(query("describe collisions", "--json").out)
    assert {"column_name": "g_force", "type": "double"} in described
    assert {"column_name": "time", "type": "timestamp with time zone"} in described
    assert "did you mean 'trip_points'" in query("select * from trip_point").err
