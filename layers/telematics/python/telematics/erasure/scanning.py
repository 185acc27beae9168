"""Is anybody mentioned in these bytes? Compressed and columnar files are looked into."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from isal import isal_zlib

from telematics.erasure.persons import Persons

PART_BYTES = 4 << 20
OVERLAP_BYTES = 1 << 10  # longer than any identifier, however it is spelt
MOST_IN_MEMORY = 32 << 20
ROWS_AT_ONCE = 50_000
BETWEEN = b"\x00"
CUT = b"_"  # a sign of words, so that nobody is found where there is half a word
GZIP = 31  # as zlib calls it
PACKED_BYTES = 1 << 16  # so few that what they unpack to has room in memory
_BROKEN = cast(type[Exception], isal_zlib.error)


def mentioned(key: str, body: IO[bytes], persons: Persons) -> bool:
    """In an object or in what it is called, be it `anna.json.gz` or `anna.b`."""
    if any(persons.mentioned(key.rsplit(".", endings)[0].encode()) for endings in (0, 1, 2)):
        return True
    return any(persons.mentioned(part) for part in _parts(key, body))


def _parts(key: str, body: IO[bytes]) -> Iterator[bytes]:
    if key.endswith(".parquet"):
        return _cells(body)
    if key.endswith(".gz"):
        return _overlapping(_unpacked(body))
    return _overlapping(iter(lambda: body.read(PART_BYTES), b""))


def _unpacked(body: IO[bytes]) -> Iterator[bytes]:
    """As far as it can be; what can't is looked at as it is."""
    inflating = isal_zlib.decompressobj(wbits=GZIP)
    for packed in iter(lambda: body.read(PACKED_BYTES), b""):
        left = packed
        while left:
            try:
                yield inflating.decompress(left)
            except _BROKEN:
                yield left
                inflating = isal_zlib.decompressobj(wbits=GZIP)
                break
            left = inflating.unused_data
            if inflating.eof:
                inflating = isal_zlib.decompressobj(wbits=GZIP)


def _overlapping(parts: Iterator[bytes]) -> Iterator[bytes]:
    """What begins in one part may end in the next; where they were cut, no word ends."""
    before, last = b"", next(parts, b"")
    for part in parts:
        yield before + last + CUT
        before = CUT + (before + last)[-OVERLAP_BYTES:]
        last = part
    yield before + last


def _cells(body: IO[bytes]) -> Iterator[bytes]:
    """All texts of a Parquet file, each once in so many rows."""
    with tempfile.SpooledTemporaryFile(MOST_IN_MEMORY) as file:
        for part in iter(lambda: body.read(PART_BYTES), b""):
            file.write(part)
        file.seek(0)
        with pq.ParquetFile(pa.PythonFile(file, "r")) as parquet:
            for batch in parquet.iter_batches(ROWS_AT_ONCE):
                for column in batch.columns:
                    yield BETWEEN.join(text.encode() for text in _texts(column))


def _texts(column: pa.Array) -> Iterable[str]:
    if pa.types.is_dictionary(column.type):
        return _texts(column.dictionary)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts: list[str] = pc.unique(column).drop_null().to_pylist()
        return texts
    return () if pa.types.is_primitive(column.type) else map(str, column.to_pylist())
