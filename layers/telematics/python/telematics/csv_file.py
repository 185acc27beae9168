"""A CSV file as typed chunks of rows, in memory that does not grow with the file."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from telematics import columns
from telematics.columns import BadRow, Chunk, Reasons
from telematics.datasets import Column, Dataset
from telematics.errors import MalformedPayload, RowTooLong

_NO_ROWS = ("Empty CSV file", "cannot infer number of columns")


def chunks(stream: IO[bytes], dataset: Dataset, *, block_bytes: int = 1 << 20) -> Iterator[Chunk]:
    """Raises RowTooLong when a row does not fit a block: read again with larger ones."""
    broken = BrokenRows()
    reader = _open(stream, broken, block_bytes)
    if reader is None:
        return
    plan = columns.plan(reader.schema.names, dataset)
    good_rows = 0
    while (block := _next(reader)) is not None:
        rows, reasons = columns.typed(plan, block.columns)
        bad = [*broken.taken(), *_unreadable(block, reasons, broken, good_rows)]
        good_rows += block.num_rows
        yield Chunk(rows, bad)
    if late := broken.taken():
        yield Chunk(_no_rows(plan), late)


class BrokenRows:
    """Rows with too few or too many cells: the reader passes them by, we keep them."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._waiting: list[BadRow] = []

    def skip(self, row: arrow_csv.InvalidRow) -> str:
        cells = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        self._waiting.append(BadRow(row.number, cells, row.text))
        self.lines.append(row.number)
        return "skip"

    def taken(self) -> list[BadRow]:
        taken, self._waiting = self._waiting, []
        return taken

    def line(self, good_row: int) -> int:
        """The line of the n-th row that was not broken; the header is line 1, rows count from 0."""
        line = good_row + 2
        while (shifted := good_row + 2 + bisect_right(self.lines, line)) != line:
            line = shifted
        return line


def _open(
    stream: IO[bytes], broken: BrokenRows, block_bytes: int
) -> arrow_csv.CSVStreamingReader | None:
    try:
        return arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=block_bytes),
            parse_options=arrow_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=broken.skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                default_column_type=pa.binary(), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        if any(reason in str(error) for reason in _NO_ROWS):
            return None
        raise _named(error) from error


def _next(reader: arrow_csv.CSVStreamingReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except pa.ArrowInvalid as error:
        raise _named(error) from error


def _named(error: pa.ArrowInvalid) -> Exception:
    if "straddl" in str(error):
        return RowTooLong("a row is longer than a block")
    return MalformedPayload(f"not a CSV file: {error}")


def _unreadable(
    block: pa.RecordBatch, reasons: Reasons, broken: BrokenRows, good_rows: int
) -> Iterator[BadRow]:
    for row, reason in reasons.items():
        cells = [column[row].as_py() or b"" for column in block.columns]
        yield BadRow(broken.line(good_rows + row), reason, _spelt(cells))


def _spelt(cells: Sequence[bytes]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cell.decode(errors="replace") for cell in cells)
    return line.getvalue()


def _no_rows(plan: Sequence[Column]) -> pa.RecordBatch:
    schema = pa.schema([(column.name, columns.ARROW_TYPES[column.kind]) for column in plan])
    return pa.RecordBatch.from_pylist([], schema)
