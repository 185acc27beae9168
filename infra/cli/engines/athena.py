"""Athena, in the stack's workgroup: the statement as it is, the answer page by page."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from infra.cli.engines.answer import Answer, Row, distinct
from infra.cli.engines.statement import Statement
from infra.cli.exits import BadInput, CommandError, Interrupted
from infra.cli.target import Deployment

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

POLL_SECONDS = 0.5
LONGEST_SECONDS = 31 * 60  # Athena itself gives up after 30 minutes

Convert: TypeAlias = Callable[[str], object]
Page: TypeAlias = Mapping[str, Any]  # as the API spells it


def _instant(text: str) -> object:
    """2023-06-04 12:00:00.000 UTC; another zone's name stays as it is written."""
    plain, _, zone = text.rpartition(" ")
    if zone != "UTC":
        return text
    return datetime.fromisoformat(plain).replace(tzinfo=UTC)


def _parsed(text: str) -> object:
    return json.loads(text)


@dataclass(frozen=True)
class Scanned:
    """As Athena counts it."""

    bytes: int
    seconds: float
    files: int | None = None


_TYPES: Mapping[str, Convert] = {
    "boolean": lambda text: text == "true",
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "float": float,
    "real": float,
    "double": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamp with time zone": _instant,
    "json": _parsed,
}


def answer(
    statement: Statement, deployment: Deployment, sleep: Callable[[float], None] = time.sleep
) -> Answer:
    athena = deployment.athena
    query = athena.start_query_execution(
        QueryString=statement.sql,
        QueryExecutionContext={"Database": deployment.output("Database")},
        WorkGroup=deployment.output("Workgroup"),
    )["QueryExecutionId"]
    try:
        execution = _finished(deployment, query, sleep)
    except KeyboardInterrupt as error:
        athena.stop_query_execution(QueryExecutionId=query)
        raise Interrupted("the query was stopped") from error
    pages = iter(athena.get_paginator("get_query_results").paginate(QueryExecutionId=query))
    first = next(pages)
    columns = first["ResultSet"]["ResultSetMetadata"].get("ColumnInfo", [])
    # The names come once more as the first row of whatever was selected, not of what was shown.
    header = 1 if execution.get("StatementType") == "DML" else 0
    return Answer(
        distinct([column["Name"] for column in columns]),
        _rows(first, pages, [column["Type"] for column in columns], skip=header),
        _scanned(execution),
    )


def _finished(
    deployment: Deployment, query: str, sleep: Callable[[float], None]
) -> "QueryExecutionTypeDef":
    waited = 0.0
    while waited < LONGEST_SECONDS:
        execution = deployment.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        status = execution["Status"]
        match status["State"]:
            case "SUCCEEDED":
                return execution
            case "FAILED" | "CANCELLED":
                raise _refused(status.get("StateChangeReason", "Athena gives no reason"), status)
        sleep(POLL_SECONDS)
        waited += POLL_SECONDS
    raise CommandError(f"Athena did not answer in time: look for the query {query} in its console")


def _refused(reason: str, status: Mapping[str, Any]) -> CommandError:
    """ErrorCategory 2 is the user's SQL; 1 and 3 are Athena's own."""
    if status.get("AthenaError", {}).get("ErrorCategory") == 2:
        return BadInput(f"SQL error: {reason}")
    return CommandError(f"the query failed: {reason}")


def _rows(first: Page, others: Iterator[Page], types: Sequence[str], *, skip: int) -> Iterator[Row]:
    converts = [_TYPES.get(one, str) for one in types]
    for number, page in enumerate(_chained(first, others)):
        for row in page["ResultSet"]["Rows"][skip if number == 0 else 0 :]:
            cells = [cell.get("VarCharValue") for cell in row["Data"]]
            yield tuple(
                None if text is None else convert(text)
                for convert, text in zip(converts, cells, strict=True)
            )


def _chained(first: Page, others: Iterator[Page]) -> Iterator[Page]:
    yield first
    yield from others


def _scanned(execution: "QueryExecutionTypeDef") -> Scanned:
    statistics = execution.get("Statistics", {})
    milliseconds = statistics.get("TotalExecutionTimeInMillis", 0)
    return Scanned(statistics.get("DataScannedInBytes", 0), milliseconds / 1000)
