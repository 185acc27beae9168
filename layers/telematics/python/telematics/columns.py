"""From a provider's words to typed columns; what can't be read is named, not guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from telematics.datasets import PERSON, Column, Dataset, Kind, lake_name

INSTANT = pa.timestamp("us", tz="UTC")
ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TIMESTAMP: INSTANT,
    Kind.BOOLEAN: pa.bool_(),
}
_SPELT = {"true": True, "1": True, "false": False, "0": False}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 60
_FEW = 128

Reasons: TypeAlias = dict[int, str]  # row of the chunk -> why it can't be read


@dataclass(frozen=True)
class BadRow:
    """A row that can't be read. `line` counts the records of the file, its header being 1."""

    line: int | None
    reason: str
    content: str


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, under the lake's column names, and those beside them that are bad."""

    rows: pa.RecordBatch
    bad: Sequence[BadRow] = field(default=())


def plan(headers: Sequence[str], dataset: Dataset) -> list[Column]:
    """What each of the file's columns becomes: declared ones typed, all others text."""
    declared = {source.lower(): column for source, column in dataset.by_source.items()}
    person = {spelling.lower() for spelling in dataset.user}
    columns: list[Column] = []
    taken: set[str] = set()
    for header in headers:
        source = header.strip().lower()
        if source in person and PERSON not in taken:
            column = Column(PERSON, Kind.TEXT, header)
        else:
            column = declared.get(source) or Column(lake_name(header), Kind.TEXT, header)
        columns.append(replace(column, name=_free_name(column.name, taken)))
        taken.add(columns[-1].name)
    return columns


def beside(rows: pa.Table, given: Mapping[str, object]) -> pa.Table:
    """The rows, and beside each of them what is the same for all; those they have give way."""
    for name, value in given.items():
        cells = pa.repeat(pa.scalar(value, _constant_type(value)), rows.num_rows)
        place = rows.schema.get_field_index(name)
        rows = rows.append_column(name, cells) if place < 0 else rows.set_column(place, name, cells)
    return rows


def _constant_type(value: object) -> pa.DataType:
    """Times as the lake has them; a text where there is nothing to go by."""
    if isinstance(value, datetime):
        return INSTANT
    return pa.string() if value is None else pa.scalar(value).type


def _free_name(name: str, taken: set[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def typed(columns: Sequence[Column], cells: Sequence[pa.Array]) -> tuple[pa.RecordBatch, Reasons]:
    """Columns of bytes as typed columns; a row with a cell that can't be read is left out."""
    arrays: list[pa.Array] = []
    reasons: Reasons = {}
    for column, array in zip(columns, cells, strict=True):
        parts = _rescued(column, array, 0, reasons)
        arrays.append(parts[0] if len(parts) == 1 else pa.concat_arrays(parts))
    rows = pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])
    return _without(rows, reasons), reasons


def _without(rows: pa.RecordBatch, reasons: Reasons) -> pa.RecordBatch:
    """The runs of rows between the bad ones, which are few: far cheaper than picking each row."""
    if not reasons:
        return rows
    ends = [*sorted(reasons), rows.num_rows]
    starts = [0, *(end + 1 for end in ends[:-1])]
    runs = zip(starts, ends, strict=True)
    return pa.concat_batches([rows.slice(start, end - start) for start, end in runs])


def _rescued(column: Column, cells: pa.Array, start: int, reasons: Reasons) -> list[pa.Array]:
    """Halve what can't be converted at once, until only the cells around the bad ones are left."""
    try:
        return [_convert(column, cells)]
    except pa.ArrowInvalid:
        if len(cells) <= _FEW:
            return [_convert_each(column, cells, start, reasons)]
        half = len(cells) // 2
        return [
            *_rescued(column, cells[:half], start, reasons),
            *_rescued(column, cells[half:], start + half, reasons),
        ]


def _convert(column: Column, cells: pa.Array) -> pa.Array:
    if column.kind is Kind.TEXT:
        return cells.cast(pa.string())
    texts = cells.view(pa.string())  # what is no UTF-8 is no number either
    match column.kind:
        case Kind.TIMESTAMP:
            return _instants(column, texts)
        case _:
            values = texts.cast(ARROW_TYPES[column.kind])
    for absent in column.missing:
        is_absent = pc.equal(values, pa.scalar(absent, values.type))
        values = pc.if_else(is_absent, pa.scalar(None, values.type), values)
    return values


def _instants(column: Column, texts: pa.Array) -> pa.Array:
    """ISO 8601 with an offset, or an epoch, which a spreadsheet may have spelt 1.54423E+12."""
    try:
        return texts.cast(INSTANT)
    except pa.ArrowInvalid:
        ticks = pc.multiply(texts.cast(pa.float64()), 1_000_000 / column.per_second)
        return pc.round(ticks).cast(pa.int64()).cast(INSTANT)


def _convert_each(column: Column, cells: pa.Array, start: int, reasons: Reasons) -> pa.Array:
    values: list[object] = []
    for row, cell in enumerate(cells.to_pylist(), start):
        try:
            values.append(None if cell is None else _value(column, cell))
        except (ValueError, OverflowError):
            values.append(None)
            shown = cell[:_SHOWN].decode(errors="replace")
            reasons.setdefault(row, f"{column.source}: no {column.kind}: {shown!r}")
    return pa.array(values, ARROW_TYPES[column.kind])


def _value(column: Column, cell: bytes) -> object:
    text = cell.decode()
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.TIMESTAMP:
            return _instant(column, text)
        case Kind.BOOLEAN:
            return _boolean(text)
    number = float(text)
    if number in column.missing:
        return None
    if column.kind is Kind.NUMBER:
        return number
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _boolean(text: str) -> bool:
    if text.lower() not in _SPELT:
        raise ValueError(text)
    return _SPELT[text.lower()]


def _instant(column: Column, text: str) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=float(text) / column.per_second)
    except ValueError:
        pass
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
