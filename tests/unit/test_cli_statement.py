"""SQL is checked and filled in before any engine sees it."""

import pytest

from infra.cli.engines.statement import Kind, filled, parse
from infra.cli.exits import BadInput


def tables(sql: str) -> tuple[str, ...]:
    return parse(sql, {}, database="telematics").tables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1", ()),
        ("select * from Trips t join users u on t.a = u.a", ("trips", "users")),
        ("with a as (select * from trips) select * from a, a as b", ("trips",)),
        ('select * from "telematics"."trips"', ("trips",)),
        ("select * from awsdatacatalog.telematics.trips", ("trips",)),
        ("select (select max(x) from other) from trips", ("trips", "other")),
        ("select * from trips cross join unnest(sequence(1, 3)) as t(n)", ("trips",)),
        ("select * from a union all select * from b", ("a", "b")),
        ("-- about\nselect * from trips -- more\n;", ("trips",)),
    ],
)
def test_the_tables_a_query_reads_are_known_beforehand(sql: str, expected: tuple[str]) -> None:
    assert set(tables(sql)) == set(expected)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("show tables", Kind.TABLES),
        ("SHOW TABLES IN telematics;", Kind.TABLES),
        ("describe trips", Kind.COLUMNS),
        ("show columns from telematics.trips", Kind.COLUMNS),
        ("select 1", Kind.SELECT),
    ],
)
def test_tables_and_columns_can_be_asked_for(sql: str, kind: Kind) -> None:
    assert parse(sql, {}, database="telematics").kind is kind


@pytest.mark.parametrize(
    "sql",
    [
        "drop table trips",
        "insert into trips select 1",
        "create table a as select 1",
        "delete from trips",
        "set session a = 1",
        "explain select 1",
        "call system.sync()",
        "grant select on trips to role a",
    ],
)
def test_only_questions_are_allowed(sql: str) -> None:
    with pytest.raises(BadInput):
        parse(sql, {}, database="telematics")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select 1; select 2", "2 statements"),
        ("  ;  ", "no SQL"),
        ("-- nothing", "no SQL"),
        ("select * from", "ends too early"),
        ("sel 1", "line 1, column 5 near '1'"),
        ("select 'a", "SQL error"),
        ("select * from weather.trips", "no database 'weather'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(sql: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as refused:
        parse(sql, {}, database="telematics")
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_parameter_becomes_a_quoted_text() -> None:
    sql = "select * from t where day between date(:from) and date(:to) and name = :name"
    values = {"from": "2023-06-01", "to": "2023-06-04", "name": "O'Neil'; drop table t --"}
    assert filled(sql, values) == (
        "select * from t where day between date('2023-06-01') and date('2023-06-04')"
        " and name = 'O''Neil''; drop table t --'"
    )


def test_a_colon_in_a_text_a_comment_or_a_name_is_no_parameter() -> None:
    sql = "select ':a', \":b\" -- :c\n from t /* :d */ where x = :e"
    assert filled(sql, {"e": "1"}) == sql.replace(":e", "'1'")


def test_a_missing_value_and_one_too_many_are_named() -> None:
    with pytest.raises(BadInput, match="--param day="):
        filled("select :day", {})
    with pytest.raises(BadInput, match="no :month"):
        filled("select :day", {"day": "1", "month": "2"})
