"""Whether a file that passes by is a video, told from its own bytes.

An MP4 (ISO/IEC 14496-12) is a row of boxes: `ftyp` first, a `moov` with a track of pictures, and
the pictures themselves in `mdat`. Boxes lie within the one they belong to, and none reaches beyond
the end of the file. An MPEG transport stream is packets of 188 bytes, or of 192 with a time each,
that begin with the same byte. Nothing is decoded, and nothing is kept but the head of a box.
"""

import struct
from collections.abc import Callable
from typing import Protocol

from telematics.errors import DamagedDownload, ProviderRefused

CONTENT_TYPES = {
    "mp4": "video/mp4",
    "quicktime": "video/quicktime",
    "mpegts": "video/mp2t",
}
_INSIDE = frozenset({b"moov", b"trak", b"mdia"})  # boxes that are looked into
_TO_THE_END = 0
_LONG = 1
_HEAD, _LONG_HEAD = 8, 16
_LARGEST_FTYP = 4_096
_HANDLER = 12  # version and flags, something for QuickTime, and what the track is of
_PACKETS = (188, 192)
_PACKETS_LOOKED_AT = 64
_FEWEST_PACKETS = 3
_SYNC = 0x47
_TELLING = 12  # bytes after which a container is told from another


class NotAVideo(ProviderRefused):
    """It is something else, and will be the next time."""


class Container(Protocol):
    """Is fed a file as it passes; `finish` says what it was."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> str: ...


class Probe:
    """Raises NotAVideo as soon as it can't be one, DamagedDownload where the end is missing."""

    def __init__(self) -> None:
        self._beginning = bytearray()
        self._container: Container | None = None

    def feed(self, data: bytes) -> None:
        if self._container is not None:
            self._container.feed(data)
            return
        self._beginning += data
        if len(self._beginning) >= _TELLING:
            self._container = _recognised(bytes(self._beginning))
            self._container.feed(bytes(self._beginning))
            self._beginning.clear()

    def finish(self) -> str:
        """Which container it is."""
        if self._container is None:
            raise DamagedDownload("there are too few bytes for a video")
        return self._container.finish()


def _recognised(beginning: bytes) -> Container:
    if beginning[4:8] == b"ftyp":
        return Boxes()
    if _SYNC in (beginning[0], beginning[4]):
        return Packets(0 if beginning[0] == _SYNC else 4)
    raise NotAVideo("the file is not a video: it begins neither like an MP4 nor like MPEG-TS")


class Boxes:
    """The boxes of an MP4, however the file is cut into pieces."""

    def __init__(self) -> None:
        self._at = 0  # the place in the file of the next byte to come
        self._head = bytearray()
        self._take: Callable[[bytes], None] | None = None
        self._wanted = _HEAD
        self._skip_to = 0
        self._ends: list[int] = []  # of the boxes that we are inside of
        self._seen: set[bytes] = set()
        self._brand = b""
        self._is_open_ended = False
        self._is_trailing = False

    @property
    def _is_whole(self) -> bool:
        return {b"moov", b"mvhd", b"vide", b"mdat"} <= self._seen

    def feed(self, data: bytes) -> None:
        place = 0
        while place < len(data) and not (self._is_open_ended or self._is_trailing):
            if self._at < self._skip_to:
                skipped = min(self._skip_to - self._at, len(data) - place)
                place, self._at = place + skipped, self._at + skipped
                continue
            part = data[place : place + self._wanted - len(self._head)]
            place, self._at = place + len(part), self._at + len(part)
            self._head += part
            if len(self._head) == self._wanted:
                self._understand(bytes(self._head))

    def finish(self) -> str:
        is_cut = (
            self._at < self._skip_to or self._ends_open() or (self._head and not self._is_whole)
        )
        if is_cut and not (self._is_open_ended or self._is_trailing):
            raise DamagedDownload("the video ends in the middle of a box")
        if not self._is_whole:
            raise NotAVideo(f"the file is not a video: it has no {self._lacking()}")
        return "quicktime" if self._brand == b"qt  " else "mp4"

    def _ends_open(self) -> bool:
        return any(end > self._at for end in self._ends)

    def _lacking(self) -> str:
        if b"moov" not in self._seen:
            return "moov, which says what is in it"
        if b"mdat" not in self._seen:
            return "mdat, which holds the pictures"
        return "track of pictures"

    def _understand(self, head: bytes) -> None:
        if self._take is not None:
            take, self._take = self._take, None
            take(head)
            self._next_head()
            return
        size, kind = struct.unpack_from(">I4s", head)
        if size == _LONG and len(head) == _HEAD:
            self._wanted = _LONG_HEAD
            return
        start = self._at - len(head)
        if len(head) == _LONG_HEAD:
            (size,) = struct.unpack_from(">Q", head, _HEAD)
        self._enter(kind, start, size, len(head))

    def _enter(self, kind: bytes, start: int, size: int, head: int) -> None:
        while self._ends and start >= self._ends[-1]:
            self._ends.pop()
        if not self._is_named(kind):
            return
        if size == _TO_THE_END and not self._ends:
            self._is_open_ended = True
            self._seen.add(kind)
            return
        end = start + size
        if size < head or (self._ends and end > self._ends[-1]):
            raise NotAVideo("the file is not a video: its boxes do not fit into each other")
        self._look_at(kind, end, size - head)

    def _is_named(self, kind: bytes) -> bool:
        """Some cameras write something of their own behind a video that is whole."""
        if all(0x20 <= one <= 0x7E or one == 0xA9 for one in kind):
            return True
        if self._is_whole and not self._ends:
            self._is_trailing = True
            return False
        raise NotAVideo("the file is not a video: it is no row of boxes")

    def _look_at(self, kind: bytes, end: int, content: int) -> None:
        self._skip_to = end
        if kind == b"ftyp":
            if self._seen or not 8 <= content <= _LARGEST_FTYP:
                raise NotAVideo("the file is not a video: its ftyp makes no sense")
            self._keep(4, self._note_brand)
        elif kind == b"hdlr" and len(self._ends) == len(_INSIDE) and content >= _HANDLER:
            self._keep(_HANDLER, self._note_handler)
        elif kind in _INSIDE:
            self._ends.append(end)
            self._skip_to = self._at
            self._next_head()
        else:
            self._next_head()
        if content or kind != b"mdat":
            self._seen.add(kind)

    def _keep(self, length: int, take: Callable[[bytes], None]) -> None:
        """The first bytes of a box, before the rest of it is skipped."""
        end, self._skip_to = self._skip_to, self._at

        def taken(content: bytes) -> None:
            take(content)
            self._skip_to = end

        self._head.clear()
        self._wanted, self._take = length, taken

    def _note_brand(self, content: bytes) -> None:
        self._brand = content

    def _note_handler(self, content: bytes) -> None:
        self._seen.add(content[8:12])

    def _next_head(self) -> None:
        self._head.clear()
        self._wanted = _HEAD


class Packets:
    """The first packets of a transport stream; `offset` is where their first byte lies in each."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._packet = _PACKETS[bool(offset)]
        self._beginning = bytearray()

    def feed(self, data: bytes) -> None:
        lacking = self._packet * _PACKETS_LOOKED_AT - len(self._beginning)
        if lacking <= 0:
            return
        self._beginning += data[:lacking]
        whole = len(self._beginning) // self._packet * self._packet  # the last one may be cut
        if set(self._beginning[self._offset : whole : self._packet]) - {_SYNC}:
            raise NotAVideo("the file is not a video: it is no row of MPEG-TS packets")

    def finish(self) -> str:
        if len(self._beginning) < _FEWEST_PACKETS * self._packet:
            raise DamagedDownload("there are too few bytes for a video")
        return "mpegts"
