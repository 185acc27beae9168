"""The embedded engine answers Trino's SQL from Iceberg tables, and reads no more than it must."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table
from pyiceberg.types import StringType

from infra.cli.engines import embedded, iceberg, statement
from infra.cli.exits import BadInput, CommandError
from telematics import tables

DATABASE = "telematics"
TRIPS = "sentiance_transports"
LOADED_AT = datetime(2023, 6, 6, 2, 30, tzinfo=UTC)


@pytest.fixture
def trips(catalog: Catalog) -> Table:
    table = tables.ensure(catalog, DATABASE, TRIPS)
    append(table, date(2023, 6, 4), [trip("ann", "car", 12_000.0), trip("bob", "train", 90_000.0)])
    append(table, date(2023, 6, 5), [trip("ann", "car", 8_000.0), trip("cid", None, None)])
    return table


def trip(person: str, mode: str | None, distance_m: float | None) -> dict[str, object]:
    return {"provider_user_id": person, "mode": mode, "distance_m": distance_m}


def append(table: Table, day: date, rows: list[dict[str, object]]) -> None:
    schema = table.schema().as_arrow()
    ours = {"day": day, "raw_key": f"sentiance/transports/day={day}/t.csv.gz"}
    complete = [{**ours, "loaded_at": LOADED_AT, **row} for row in rows]
    table.append(pa.Table.from_pylist(complete, schema=schema))


def ask(catalog: Catalog, sql: str, **parameters: str) -> list[Mapping[str, Any]]:
    asked = statement.parse(sql, parameters, database=DATABASE)
    answer = embedded.answer(asked, catalog, DATABASE)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def test_rows_are_counted(catalog: Catalog, trips: Table) -> None:
    assert ask(catalog, "select count(*) as n from sentiance_transports") == [{"n": 4}]


def test_a_table_nobody_wrote_to_is_empty_and_not_an_error(catalog: Catalog) -> None:
    tables.ensure(catalog, DATABASE, TRIPS)
    assert ask(catalog, "select count(*) as n, max(mode) as m from sentiance_transports") == [
        {"n": 0, "m": None}
    ]


def test_columns_added_later_are_null_in_older_files(catalog: Catalog, trips: Table) -> None:
    with trips.update_schema() as update:
        update.add_column("weather", StringType())
    trips.refresh()
    append(trips, date(2023, 6, 6), [{"provider_user_id": "dot", "weather": "rain"}])
    found = ask(
        catalog,
        "select provider_user_id as who, weather from sentiance_transports order by day, who",
    )
    assert [row["weather"] for row in found] == [None, None, None, None, "rain"]


def test_a_day_that_was_not_asked_for_is_not_read(catalog: Catalog, trips: Table) -> None:
    for task in trips.scan(row_filter="day = '2023-06-05'").plan_files():
        Path(task.file.file_path.removeprefix("file://")).unlink()
    assert ask(
        catalog, "select count(*) as n from sentiance_transports where day = date '2023-06-04'"
    ) == [{"n": 2}]
    with pytest.raises(CommandError):
        ask(catalog, "select max(mode) from sentiance_transports")


def test_rows_deleted_without_rewriting_files_are_not_counted(
    catalog: Catalog, trips: Table
) -> None:
    trips.delete("provider_user_id = 'ann'")
    assert ask(catalog, "select count(*) as n from sentiance_transports") == [{"n": 2}]


def test_times_are_utc_and_aware(catalog: Catalog, trips: Table) -> None:
    [row] = ask(
        catalog, "select max(loaded_at) as newest, max(day) as day from sentiance_transports"
    )
    assert row == {"newest": LOADED_AT, "day": date(2023, 6, 5)}
    assert row["newest"].tzinfo is not None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 7 / 2 as x", 3),
        ("select count(*) / 3 as x from sentiance_transports", 1),
        ("select date_diff('day', date '2023-06-01', date '2023-06-04') as x", 3),
        ("select approx_distinct(provider_user_id) as x from sentiance_transports", 3),
        ("select json_extract_scalar('{\"a\": {\"b\": \"c\"}}', '$.a.b') as x", "c"),
        ("select date_format(timestamp '2023-06-04 10:00:00', '%Y/%m') as x", "2023/06"),
        ("select element_at(array[1, 2, 3], 2) as x", 2),
        ("select count_if(distance_m > 10000) as x from telematics.sentiance_transports", 2),
        ('select "x" from (select 5 as x) t', 5),
        ("with sentiance as (select 1 as x) select x from sentiance", 1),
        ("select hour(at_timezone(loaded_at, 'Europe/Brussels')) as x from"
         " awsdatacatalog.telematics.sentiance_transports limit 1", 4),
    ],
)  # fmt: skip
def test_trinos_words_mean_here_what_they_mean_there(
    catalog: Catalog, trips: Table, sql: str, expected: object
) -> None:
    assert ask(catalog, sql) == [{"x": expected}]


def test_results_without_a_name_are_called_as_on_athena(catalog: Catalog, trips: Table) -> None:
    assert ask(
        catalog,
        "select count(*), max(day), mode, 1 from sentiance_transports group by mode limit 1",
    )[0].keys() == {"_col0", "_col1", "mode", "_col3"}


def test_results_of_the_same_name_are_all_kept(catalog: Catalog) -> None:
    assert ask(catalog, "select 1 as a, 2 as a, 3 as b") == [{"a": 1, "a_2": 2, "b": 3}]


def test_tables_and_columns_can_be_shown(catalog: Catalog, trips: Table) -> None:
    assert ask(catalog, "SHOW TABLES") == [{"table_name": TRIPS}]
    described = ask(catalog, "describe telematics.sentiance_transports;")
    assert {"column_name": "day", "type": "date"} in described
    assert {"column_name": "distance_m", "type": "double"} in described
    assert ask(catalog, "show columns from sentiance_transports") == described


def test_a_missing_table_is_named_with_the_nearest_one(catalog: Catalog, trips: Table) -> None:
    with pytest.raises(BadInput, match="did you mean 'sentiance_transports'"):
        ask(catalog, "select * from sentiance_transport")
    with pytest.raises(BadInput, match="the tables are: sentiance_transports"):
        ask(catalog, "select * from weather")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select colour from sentiance_transports", '"colour" not found'),
        ("select cast('x' as integer)", "Could not convert"),
        ("select no_such_function(1)", "no_such_function"),
    ],
)
def test_an_error_of_the_sql_is_one_readable_line(
    catalog: Catalog, trips: Table, sql: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message) as refused:
        ask(catalog, sql)
    assert "LINE" not in str(refused.value)


def test_an_error_in_the_middle_of_the_rows_is_readable_too(catalog: Catalog) -> None:
    sql = (
        "select cast(if(n = 99990, 'x', '1') as integer) from"
        " (select row_number() over () as n from unnest(sequence(1, 100000)) as t(i))"
    )
    with pytest.raises(BadInput, match="Could not convert"):
        ask(catalog, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "select * from \"/etc/hostname\"",
    ],
)  # fmt: skip
def test_nothing_else_on_this_machine_can_be_read(catalog: Catalog, sql: str) -> None:
    with pytest.raises(CommandError):
        ask(catalog, sql)


def test_a_table_is_opened_without_reading_it(catalog: Catalog, trips: Table) -> None:
    for task in trips.scan().plan_files():
        Path(task.file.file_path.removeprefix("file://")).unlink()
    assert iceberg.readable(trips).schema.names == [f.name for f in trips.schema().fields]
