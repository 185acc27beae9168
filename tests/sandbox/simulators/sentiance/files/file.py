"""One file as it is downloaded: rows, spelt as CSV or JSON Lines, compressed."""

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.sandbox.simulators.sentiance.faults import Fault, Kind
from tests.sandbox.simulators.sentiance.files import damage
from tests.sandbox.simulators.sentiance.files.damage import BadRow, Table
from tests.sandbox.simulators.sentiance.files.layout import JSON, Layout
from tests.sandbox.simulators.sentiance.files.source import Source

ROWS_PER_BLOCK = 500
GZIP = 16 + zlib.MAX_WBITS
LEVEL = 5


@dataclass(frozen=True)
class Edition:
    """A file at some moment: the same edition has the same bytes, wherever it is made.

    It is part `part` of `parts`, which share the offload's name or are numbered.
    """

    layout: Layout
    source: Source
    part: int = 0
    parts: int = 1
    shares_name: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        numbered = self.part and not self.shares_name
        return f"{self.layout.name}_{self.part}" if numbered else self.layout.name

    @property
    def path(self) -> str:
        """Below the app's own folder."""
        folder = self.part if self.shares_name else 0
        return f"{self.source.day}_{folder}/{self.name}.{self.layout.format}"


@dataclass(frozen=True)
class Facts:
    """What is true of an edition. `rows` doesn't count the bad ones."""

    size: int
    sha256: str
    rows: int
    bad_rows: int

    @property
    def etag(self) -> str:
        return f'"{self.sha256[:32]}"'


def made(edition: Edition) -> tuple[Facts, bytes]:
    layout, source = edition.layout, edition.source
    rows = islice(layout.rows(source), edition.part, None, edition.parts)
    table = damage.to_rows(Table(layout, layout.columns, rows), edition.faults)
    counter = _Counter(table.rows)
    lines = _json(table.columns, counter) if layout.format == JSON else _csv(table, counter)
    members = next((one.parts for one in edition.faults if one.fault is Kind.MULTI_MEMBER), 1)
    content = damage.to_bytes(_compressed(lines, members), edition.faults)
    sha256 = hashlib.sha256(content).hexdigest()
    return Facts(len(content), sha256, counter.good, counter.bad), content


class _Counter:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterator[Sequence[object]]) -> None:
        self.good = self.bad = 0
        self._rows = rows

    def __iter__(self) -> Iterator[Sequence[object]]:
        for row in self._rows:
            if isinstance(row, BadRow):
                self.bad += 1
            else:
                self.good += 1
            yield row


def _csv(table: Table, counter: _Counter) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if table.has_header:
        writer.writerow(table.columns)
    rows = iter(counter)
    while block := list(islice(rows, ROWS_PER_BLOCK)):
        writer.writerows(block)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _json(columns: Sequence[str], counter: _Counter) -> Iterator[bytes]:
    for row in counter:
        line = json.dumps(dict(zip(columns, row, strict=False)), separators=(",", ":"))
        is_whole = len(row) == len(columns)
        yield f"{line if is_whole else line[: len(line) // 2]}\n".encode()


def _compressed(pieces: Iterator[bytes], members: int) -> bytes:
    if members == 1:
        return _member(pieces)
    whole = b"".join(pieces)
    step = -(-len(whole) // members) or 1
    parts = (whole[number * step : (number + 1) * step] for number in range(members))
    return b"".join(_member(iter([part])) for part in parts)


def _member(pieces: Iterator[bytes]) -> bytes:
    """Its header holds no time: the same rows are the same bytes."""
    compressor = zlib.compressobj(LEVEL, wbits=GZIP)
    return b"".join((*map(compressor.compress, pieces), compressor.flush()))
