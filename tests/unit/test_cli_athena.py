"""Athena's answers become rows with types; its refusals become one line."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from infra.cli.engines import athena, statement
from infra.cli.engines.answer import Answer
from infra.cli.exits import BadInput, CommandError, Interrupted
from tests.unit.cli_stack import deployed

COLUMNS = (
    ("n", "bigint"),
    ("share", "decimal"),
    ("x", "double"),
    ("ok", "boolean"),
    ("day", "date"),
    ("at", "timestamp with time zone"),
    ("text", "varchar"),
)
HEADER = [name for name, _ in COLUMNS]
FIRST = ["12", "1.50", "NaN", "true", "2023-06-04", "2023-06-04 12:00:00.250 UTC", "a"]
SECOND = [None, None, "1.5E-4", "false", None, "2023-06-04 12:00:00.000 Europe/Paris", None]


def page(*rows: list[str] | list[str | None]) -> Mapping[str, Any]:
    cells = [[{} if text is None else {"VarCharValue": text} for text in row] for row in rows]
    return {
        "ResultSet": {
            "Rows": [{"Data": data} for data in cells],
            "ResultSetMetadata": {
                "ColumnInfo": [{"Name": name, "Type": type_} for name, type_ in COLUMNS]
            },
        }
    }


class Athena:
    """One query, and what becomes of it."""

    def __init__(self, *states: Mapping[str, Any], pages: list[Mapping[str, Any]]) -> None:
        self.states = iter(states)
        self.pages = pages
        self.started: Mapping[str, Any] = {}
        self.stopped = ""

    def start_query_execution(self, **request: Any) -> Mapping[str, str]:  # Any: the API's
        self.started = request
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **_: str) -> Mapping[str, Any]:
        state = next(self.states)
        return {"QueryExecution": {"StatementType": "DML", "Status": state, "Statistics": {}}}

    def stop_query_execution(self, *, QueryExecutionId: str) -> None:  # noqa: N803
        self.stopped = QueryExecutionId

    def get_paginator(self, _: str) -> "Athena":
        return self

    def paginate(self, **_: str) -> Iterator[Mapping[str, Any]]:
        return iter(self.pages)


RUNNING = {"State": "RUNNING"}
SUCCEEDED = {"State": "SUCCEEDED"}


def ask(client: Athena) -> Answer:
    asked = statement.parse("select 1", {}, database="telematics")
    return athena.answer(asked, deployed(athena=client), sleep=lambda _: None)


def test_rows_come_page_by_page_with_their_types() -> None:
    client = Athena(RUNNING, SUCCEEDED, pages=[page(HEADER, FIRST), page(SECOND)])
    answer = ask(client)
    rows = list(answer.rows)
    assert answer.columns == tuple(HEADER)
    assert rows[0][:2] == (12, Decimal("1.50"))
    assert str(rows[0][2]) == "nan"
    at = datetime(2023, 6, 4, 12, 0, 0, 250_000, tzinfo=UTC)
    assert rows[0][3:] == (True, date(2023, 6, 4), at, "a")
    assert rows[1] == (None, None, 1.5e-4, False, None, SECOND[5], None)
    assert client.started["WorkGroup"] == "telematics"
    assert client.started["QueryExecutionContext"] == {"Database": "telematics"}


def test_no_rows_are_still_an_answer() -> None:
    assert list(ask(Athena(SUCCEEDED, pages=[page(HEADER)])).rows) == []


@pytest.mark.parametrize(
    ("category", "kind", "message"),
    [
        (2, BadInput, "SQL error: line 1:8: Column 'a' cannot be resolved"),
        (1, CommandError, "the query failed: line 1:8"),
    ],
)
def test_a_refusal_is_one_line(category: int, kind: type[CommandError], message: str) -> None:
    failed = {
        "State": "FAILED",
        "StateChangeReason": "line 1:8: Column 'a' cannot be resolved",
        "AthenaError": {"ErrorCategory": category},
    }
    with pytest.raises(kind, match=message) as refused:
        ask(Athena(failed, pages=[]))
    assert type(refused.value) is kind


def test_interrupted_it_stops_the_query_which_costs_money() -> None:
    class Interrupting(Athena):
        def get_query_execution(self, **_: str) -> Mapping[str, Any]:
            raise KeyboardInterrupt

    client = Interrupting(pages=[])
    with pytest.raises(Interrupted):
        ask(client)
    assert client.stopped == "q-1"
