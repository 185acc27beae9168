"""A CSV file as typed chunks of rows, in memory that does not grow with the file."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from telematics import columns
from telematics.columns import BadRow, Chunk, Reasons
from telematics.datasets import Column, Dataset
from telematics.errors import MalformedPayload
from telematics.reading import ReadAgain, Reading

AS_MOST_FILES = Reading()
BYTE_FOR_CHARACTER = "latin-1"
_NO_ROWS = ("Empty CSV file", "cannot infer number of columns")


def chunks(
    stream: IO[bytes], dataset: Dataset, reading: Reading = AS_MOST_FILES
) -> Iterator[Chunk]:
    """Raises ReadAgain when the file needs larger blocks, or is not UTF-8 all through."""
    broken = BrokenRows(is_utf8=reading.is_utf8)
    reader = _open(stream, broken, reading)
    if reader is None:
        return
    names = _names(reader, reading)
    plan = columns.plan(names, dataset)
    header = [name.encode("utf8" if reading.is_utf8 else BYTE_FOR_CHARACTER) for name in names]
    good_rows = 0
    while (block := _next(reader, reading)) is not None:
        cells = block.columns if reading.is_utf8 else [_exact(one) for one in block.columns]
        for start, part in _parts(cells, header):
            rows, reasons = columns.typed(plan, part)
            bad = _unreadable(part, reasons, broken, good_rows + start)
            yield Chunk(rows, [*broken.taken(), *bad])
        good_rows += block.num_rows
    if late := broken.taken():
        yield Chunk(_no_rows(plan), late)


def _parts(
    cells: Sequence[pa.Array], header: Sequence[bytes]
) -> Iterator[tuple[int, Sequence[pa.Array]]]:
    """A file put together from several has the header of each in it: those rows are no data."""
    suspects = pc.indices_nonzero(pc.equal(cells[0], header[0])).to_pylist()
    repeated = [row for row in suspects if [one[row].as_py() for one in cells] == header]
    start = 0
    for end in (*repeated, len(cells[0])):
        yield start, cells if not repeated else [one[start:end] for one in cells]
        start = end + 1


class BrokenRows:
    """Rows with too few or too many cells: the reader passes them by, we keep them."""

    def __init__(self, *, is_utf8: bool) -> None:
        self._is_utf8 = is_utf8
        self.lines: list[int] = []
        self._waiting: list[BadRow] = []

    def skip(self, row: arrow_csv.InvalidRow) -> str:
        cells = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        text = row.text if self._is_utf8 else _shown(row.text.encode(BYTE_FOR_CHARACTER))
        self._waiting.append(BadRow(row.number, cells, text))
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
    stream: IO[bytes], broken: BrokenRows, reading: Reading
) -> arrow_csv.CSVStreamingReader | None:
    try:
        return arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=reading.block_bytes,
                encoding="utf8" if reading.is_utf8 else BYTE_FOR_CHARACTER,
            ),
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
        raise _named(error, reading) from error


def _names(reader: arrow_csv.CSVStreamingReader, reading: Reading) -> list[str]:
    try:
        return list(reader.schema.names)
    except UnicodeDecodeError as error:
        raise ReadAgain(reading.of_any_bytes()) from error


def _next(reader: arrow_csv.CSVStreamingReader, reading: Reading) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except pa.ArrowInvalid as error:
        raise _named(error, reading) from error


def _named(error: pa.ArrowInvalid, reading: Reading) -> Exception:
    if "straddl" in str(error):
        return ReadAgain(reading.with_larger_blocks())
    if "CSV parse error: Row" in str(error) and reading.is_utf8:  # `skip` was not even asked
        return ReadAgain(reading.of_any_bytes())
    return MalformedPayload("not a CSV file, or one that breaks off")


def _exact(cells: pa.Array) -> pa.Array:
    """The bytes as they are in the file: each was read as if it were a character."""
    texts = cells.view(pa.string())
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return cells
    exact = (None if one is None else one.encode(BYTE_FOR_CHARACTER) for one in texts.to_pylist())
    return pa.array(exact, pa.binary())


def _unreadable(
    cells: Sequence[pa.Array], reasons: Reasons, broken: BrokenRows, good_rows: int
) -> Iterator[BadRow]:
    for row, reason in reasons.items():
        content = _spelt([column[row].as_py() or b"" for column in cells])
        yield BadRow(broken.line(good_rows + row), reason, content)


def _spelt(cells: Sequence[bytes]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(_shown, cells))
    return line.getvalue()


def _shown(content: bytes) -> str:
    return content.decode(errors="replace")


def _no_rows(plan: Sequence[Column]) -> pa.RecordBatch:
    schema = pa.schema([(column.name, columns.ARROW_TYPES[column.kind]) for column in plan])
    return pa.RecordBatch.from_pylist([], schema)
