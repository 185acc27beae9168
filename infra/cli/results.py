"""Rows of an answer as a table, as CSV or as JSON, written while they arrive."""

import base64
import csv
import json
import math
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from rich.markup import escape

from infra.cli import console
from infra.cli.engines.answer import Answer

MOST_SHOWN = 1_000
LONGEST_CELL = 200


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def write(answer: Answer, format_: Format) -> None:
    match format_:
        case Format.JSON:
            _write_json(answer)
        case Format.CSV:
            _write_csv(answer)
        case Format.TABLE:
            _write_table(answer)


def plain(value: object) -> object:
    """As JSON has it: instants in ISO 8601 and UTC, whole decimals as integers, NaN as null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            return _number(value)
        case date() | time() | timedelta():
            return _time(value)
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return str(value)


def _number(value: float | Decimal) -> int | float | None:
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    return float(value) if math.isfinite(value) else None


def _time(value: date | time | timedelta) -> object:
    """Spans in seconds; an instant without a zone stays without one."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def _write_json(answer: Answer) -> None:
    """One object a line, inside one list."""
    before = "[\n  "
    for row in answer.rows:
        named = dict(zip(answer.columns, map(plain, row), strict=True))
        sys.stdout.write(before + json.dumps(named, ensure_ascii=False))
        before = ",\n  "
    sys.stdout.write("[]\n" if before.startswith("[") else "\n]\n")


def _write_csv(answer: Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_csv_cell(value) for value in row] for row in answer.rows)


def _csv_cell(value: object) -> object:
    """Empty for null; what has parts is JSON within its cell."""
    cell = plain(value)
    if isinstance(cell, (dict, list)):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell).lower() if isinstance(cell, bool) else cell


def _write_table(answer: Answer) -> None:
    shown = list(islice(answer.rows, MOST_SHOWN))
    table = console.table(
        *(
            f"{name}>" if shown and all(_is_number(row[position]) for row in shown) else name
            for position, name in enumerate(answer.columns)
        )
    )
    for row in shown:
        table.add_row(*(escape(_shown(value)) for value in row))
    console.out().print(table)
    _remark_on_size(len(shown), answer.rows)


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, (int, float, Decimal))


def _remark_on_size(shown: int, rest: Iterator[tuple[object, ...]]) -> None:
    if next(rest, None) is not None:
        console.remark(f"only the first {shown:,} rows are shown: --format csv writes all of them")
    elif console.watched():
        console.remark(f"{shown:,} row{'' if shown == 1 else 's'}")


def _shown(value: object) -> str:
    cell = plain(value)
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.4f}".rstrip("0").rstrip(".") if abs(cell) >= 0.001 else f"{cell:.4g}"
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 3]}..."
