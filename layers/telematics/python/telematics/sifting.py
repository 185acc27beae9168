"""Bytes of the raw zone without some people: their records left out, all others as they are.

A record is a row of a CSV file, a line of JSON, or the smallest element of a list in JSON that
tells of somebody. What tells of them as a whole is left out as a whole.
"""

import csv
import gzip
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, Self, cast

import msgspec
from isal import igzip, isal_zlib

from telematics import people
from telematics.people import Identity
from telematics.raw import RawKey

MOST_IN_MEMORY = 8 << 20
# A larger document is one of lines, or is left out as a whole.
LARGEST_DOCUMENT_BYTES = 64 << 20
BROKEN_GZIP = (EOFError, gzip.BadGzipFile, cast(type[Exception], isal_zlib.error))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UNKNOWN = ""  # the subject of what nobody can read
QUOTED = re.compile(rb'(?:[^"]+|"")*')
NOT_JSON = (ValueError, RecursionError, OverflowError)
GONE: Any = object()  # what a value becomes that tells of somebody as a whole


class Sought(Protocol):
    """Who is to be left out. Each answer names the subject they are accounted for as, or None."""

    def named(self, identity: Identity) -> str | None: ...

    def mentioned(self, content: bytes) -> str | None: ...

    def may_be_in(self, content: bytes) -> bool:
        """False only where nobody sought can be in it."""


@dataclass
class Sifted:
    """What is left of an object, and how many records of each subject are not.

    `rest` is None where nothing is left, and so there should be no object; it is closed at the end
    of a `with` block.
    """

    removed: Counter[str] = field(default_factory=Counter)
    rest: IO[bytes] | None = None
    size: int = 0

    @property
    def is_changed(self) -> bool:
        return bool(self.removed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.rest is not None:
            self.rest.close()


def sift(key: RawKey, body: IO[bytes], sought: Sought) -> Sifted:
    """`body` is as it lies in raw; so is the `rest`, which the caller closes."""
    rest = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115  # the caller's
    sieve = Sieve(key.provider, sought)
    packed = key.extension.lower().endswith(".gz")
    kind = key.extension.lower().removesuffix(".gz")
    with closing(body):
        try:
            kept = _through(sieve, kind, _plain(body) if packed else body, rest, packed=packed)
        except BROKEN_GZIP:  # what breaks off can't be told apart, and is worth nothing
            sieve.removed[UNKNOWN] += 1
            kept = False
    size = rest.tell()
    rest.seek(0)
    if kept:
        return Sifted(sieve.removed, cast(IO[bytes], rest), size)
    rest.close()
    return Sifted(sieve.removed)


def _through(sieve: "Sieve", kind: str, plain: IO[bytes], rest: IO[bytes], *, packed: bool) -> bool:
    """Whether anything is left."""
    if not packed:
        return _copied(sieve.records(kind, plain), rest)
    with igzip.IGzipFile(fileobj=rest, mode="wb", compresslevel=2, mtime=0) as target:  # type: ignore[no-untyped-call]  # has no types
        return _copied(sieve.records(kind, plain), cast(IO[bytes], target))


def _copied(parts: Iterator[bytes], target: IO[bytes]) -> bool:
    written = 0
    for part in parts:
        written += target.write(part)
    return written > 0


def _plain(body: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], igzip.IGzipFile(fileobj=body))  # type: ignore[no-untyped-call]


@dataclass
class Sieve:
    """Records of one provider, one after the other."""

    provider: str
    sought: Sought
    removed: Counter[str] = field(default_factory=Counter)

    def records(self, kind: str, stream: IO[bytes]) -> Iterator[bytes]:
        match kind:
            case "csv":
                return self._rows(stream)
            case "jsonl" | "ndjson":
                return self._lines(stream)
            case _:
                return self._document(stream)

    def _rows(self, stream: IO[bytes]) -> Iterator[bytes]:
        """A file put together from several has the header of each in it; they are the same."""
        rows = _csv_records(stream)
        header = next(rows, b"")
        names = _cells(header.removeprefix(BYTE_ORDER_MARK))
        left, waiting, again = False, header, _line(header)
        if subject := self.sought.mentioned(header):  # which is none, then
            self.removed[subject] += 1
            waiting = b""
        for row in rows:
            if self.sought.may_be_in(row) and (subject := self._of_row(names, row)):
                self.removed[subject] += 1
            elif _line(row) == again:
                waiting += row
            else:
                yield waiting + row
                left, waiting = True, b""
        if left or not self.removed:
            yield waiting

    def _of_row(self, names: list[str], row: bytes) -> str | None:
        for name, cell in zip(names, _cells(row), strict=False):
            if subject := self._of_text(name, cell):
                return subject
        return self.sought.mentioned(row)

    def _lines(self, stream: IO[bytes]) -> Iterator[bytes]:
        for line in stream:
            if not self.sought.may_be_in(line):
                yield line
                continue
            rest = self._pruned_text(line)
            if rest is line:
                yield line
            elif rest:
                yield rest + b"\n"

    def _document(self, stream: IO[bytes]) -> Iterator[bytes]:
        """JSON, be it one value or many; of what is something else nothing is left, or all."""
        beginning = stream.read(LARGEST_DOCUMENT_BYTES + 1)
        if len(beginning) > LARGEST_DOCUMENT_BYTES:
            yield from self._lines(cast(IO[bytes], io.BufferedReader(_Rejoined(beginning, stream))))
            return
        if not self.sought.may_be_in(beginning):
            yield beginning
            return
        try:
            msgspec.json.decode(beginning)
        except NOT_JSON:
            yield from self._lines(io.BytesIO(beginning))
            return
        yield self._pruned_text(beginning)

    def _pruned_text(self, content: bytes) -> bytes:
        """The very same bytes where nobody is told of; nothing where nothing else is."""
        before = self.removed.total()
        try:
            value = msgspec.json.decode(content)
        except NOT_JSON:
            if subject := self.sought.mentioned(content):
                self.removed[subject] += 1
                return b""
            return content
        rest = self._pruned(value)
        if rest is GONE or rest == []:
            return b"" if self.removed.total() > before else content
        left = content if self.removed.total() == before else msgspec.json.encode(rest)
        if subject := self.sought.mentioned(left):  # where a member stands twice, the last is read
            self.removed[subject] += 1
            return b""
        return left

    def _pruned(self, value: Any) -> Any:  # Any: JSON of any shape
        """What is left of a value. Who is told of by a whole is counted where it is left out."""
        if isinstance(value, list):
            rests = (self._pruned(one) for one in value)
            return [one for one in rests if one is not GONE]
        if not isinstance(value, dict):
            return self._gone_if(
                self._of_text("", value) if isinstance(value, str) else None, value
            )
        for member, told in value.items():
            subject = self._of_text(member, told) or self.sought.mentioned(member.encode())
            if subject is not None:
                return self._gone_if(subject, value)
        left = {member: self._pruned(told) for member, told in value.items()}
        return GONE if any(one is GONE for one in left.values()) else left

    def _gone_if(self, subject: str | None, value: Any) -> Any:  # Any: as above
        if subject is None:
            return value
        self.removed[subject] += 1
        return GONE

    def _of_text(self, member: str, value: object) -> str | None:
        """Whom a text or a number tells of: by its name, or anywhere in it."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        text = str(value)
        found = people.person(self.provider, member, text)
        if found is not None and (subject := self.sought.named(found)):
            return subject
        if not isinstance(value, str):
            return None
        if text[:1] in ("{", "[") and (subject := self._of_nested(text)):
            return subject
        return self.sought.mentioned(text.encode())

    def _of_nested(self, text: str) -> str | None:
        """JSON within JSON, or within a cell, is about whom any part of it is about."""
        content = text.encode()
        if not self.sought.may_be_in(content):
            return None
        inner = Sieve(self.provider, self.sought)
        try:
            inner._pruned(msgspec.json.decode(content))
        except NOT_JSON:
            return None
        return next(iter(inner.removed), None)


class _Rejoined(io.RawIOBase):
    """What was read of a stream already, and then the rest of it."""

    def __init__(self, beginning: bytes, stream: IO[bytes]) -> None:
        self._beginning = io.BytesIO(beginning)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # Any: a writable buffer
        found = self._beginning.read(len(buffer)) or self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _csv_records(stream: IO[bytes]) -> Iterator[bytes]:
    """Each with the line breaks in its quotes and the one at its end."""
    held: list[bytes] = []
    is_open = False
    for line in stream:
        held.append(line)
        is_open = _is_left_open(line, is_open)
        if not is_open:
            yield b"".join(held)
            held.clear()
    if held:
        yield b"".join(held)


def _is_left_open(line: bytes, is_open: bool) -> bool:
    """Whether it ends within quotes; those within a cell that does not begin with one are none."""
    if b'"' not in line:
        return is_open
    line, place = line.removeprefix(BYTE_ORDER_MARK), 0
    if not is_open and line[:1] == b'"':
        is_open, place = True, 1
    while True:
        if is_open:
            place = cast(re.Match[bytes], QUOTED.match(line, place)).end() + 1
            if place > len(line):
                return True
        place = line.find(b",", place) + 1
        if not place:
            return False
        is_open = line[place : place + 1] == b'"'
        place += is_open


def _line(record: bytes) -> bytes:
    """Without what differs where files are put together."""
    return record.removeprefix(BYTE_ORDER_MARK).rstrip(b"\r\n")


def _cells(record: bytes) -> list[str]:
    text = record.decode("utf-8", errors="surrogateescape")
    return next(csv.reader(io.StringIO(text, newline="")), [])
