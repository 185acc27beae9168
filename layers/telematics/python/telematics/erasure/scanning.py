"""Is anybody mentioned in these bytes? Compressed and columnar files are looked into."""

import gzip
import tempfile
from collections.abc import Iterator
from typing import IO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from isal import igzip, isal_zlib

from telematics.erasure.persons import Persons

PART_BYTES = 4 << 20
OVERLAP_BYTES = 1 << 10  # longer than any identifier, however it is spelt
MOST_IN_MEMORY = 32 << 20
ROWS_AT_ONCE = 50_000
BETWEEN = b"\x00"
_BROKEN_GZIP = (EOFError, gzip.BadGzipFile, cast(type[Exception], isal_zlib.error))


def mentioned(key: str, body: IO[bytes], persons: Persons) -> bool:
    """In an object or in what it is called."""
    if persons.mentioned(key.encode()):
        return True
    return any(persons.mentioned(part) for part in _parts(key, body))


def _parts(key: str, body: IO[bytes]) -> Iterator[bytes]:
    if key.endswith(".parquet"):
        return _cells(body)
    if key.endswith(".gz"):
        return _overlapping(_unpacked(body))
    return _overlapping(iter(lambda: body.read(PART_BYTES), b""))


def _unpacked(body: IO[bytes]) -> Iterator[bytes]:
    """As far as it can be; what breaks off has no more to tell."""
    plain = igzip.IGzipFile(fileobj=body)  # type: ignore[no-untyped-call]  # has no types
    while True:
        try:
            part = plain.read(PART_BYTES)
        except _BROKEN_GZIP:
            return
        if not part:
            return
        yield part


def _overlapping(parts: Iterator[bytes]) -> Iterator[bytes]:
    """What begins in one part may end in the next."""
    before = b""
    for part in parts:
        yield before + part
        before = part[-OVERLAP_BYTES:]


def _cells(body: IO[bytes]) -> Iterator[bytes]:
    """All texts of a Parquet file, each once in so many rows."""
    with tempfile.SpooledTemporaryFile(MOST_IN_MEMORY) as file:
        for part in iter(lambda: body.read(PART_BYTES), b""):
            file.write(part)
        file.seek(0)
        with pq.ParquetFile(pa.PythonFile(file, "r")) as parquet:
            for batch in parquet.iter_batches(ROWS_AT_ONCE):
                for column in batch.columns:
                    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                        texts = pc.unique(column).drop_null().to_pylist()
                        yield BETWEEN.join(text.encode() for text in texts)
