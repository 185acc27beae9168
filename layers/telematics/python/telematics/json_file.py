"""A JSON file (lines, an array, or objects one after the other) as typed chunks of rows."""

import codecs
import io
import json
from collections.abc import Iterator
from itertools import chain, islice

import msgspec
import pyarrow as pa

from telematics import columns
from telematics.columns import BadRow, Chunk
from telematics.datasets import Dataset
from telematics.errors import MalformedPayload

Record = dict[str, msgspec.Raw]

ROWS_PER_CHUNK = 5_000
READ_BYTES = 1 << 16
BETWEEN_VALUES = "[], \t\r\n"
_record = msgspec.json.Decoder(Record)
_text = msgspec.json.Decoder(str)


def chunks(stream: io.BufferedReader, dataset: Dataset) -> Iterator[Chunk]:
    """Top-level members become columns; what is nested stays JSON, as text."""
    records = _records(stream)
    while batch := list(islice(records, ROWS_PER_CHUNK)):
        yield _chunk(batch, dataset)


def _chunk(batch: list[tuple[int, bytes]], dataset: Dataset) -> Chunk:
    good: list[tuple[int, Record]] = []
    bad: list[BadRow] = []
    for line, content in batch:
        try:
            good.append((line, _record.decode(content)))
        except msgspec.DecodeError as error:
            bad.append(BadRow(line, f"not a JSON object: {error}", _shown(content)))
    members = list(dict.fromkeys(chain.from_iterable(record for _, record in good)))
    cells = [
        pa.array([_cell(record.get(member)) for _, record in good], pa.binary())
        for member in members
    ]
    rows, reasons = columns.typed(columns.plan(members, dataset), cells)
    lines = dict(batch)
    for row, reason in reasons.items():
        line = good[row][0]
        bad.append(BadRow(line, reason, _shown(lines[line])))
    return Chunk(rows, bad)


def _cell(value: msgspec.Raw | None) -> bytes | None:
    """The cell's text: a string without its quotes, null as nothing, all else as it is spelt."""
    if value is None:
        return None
    content = bytes(value)
    if content[:1] == b'"':
        return _text.decode(content).encode() or None
    return None if content == b"null" else content


def _shown(content: bytes) -> str:
    return content.decode(errors="replace")


def _records(stream: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Each record's number, from 1, and its bytes. JSON Lines unless the beginning says else."""
    beginning = stream.peek(READ_BYTES).lstrip()
    if beginning[:1] == b"[" or beginning.split(b"\n", 1)[0].strip() == b"{":
        return _values(iter(lambda: stream.read(READ_BYTES), b""))
    return ((n, line) for n, line in enumerate(stream, start=1) if line.strip())


def _values(parts: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """The values of an array, or of a file of objects that span lines, one at a time."""
    parse = json.JSONDecoder().raw_decode
    text = ""
    number = 0
    for part in codecs.iterdecode(parts, "utf-8", errors="replace"):
        text = (text + part).lstrip(BETWEEN_VALUES)
        while text:
            try:
                _, end = parse(text)
            except ValueError:
                break  # the value goes on in the next part
            number += 1
            yield number, text[:end].encode()
            text = text[end:].lstrip(BETWEEN_VALUES)
    if text:
        raise MalformedPayload(f"the JSON stops making sense after {number} values")
