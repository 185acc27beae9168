"""Whether a file that passes by is whole, told from its own bytes."""

import zlib
from typing import Protocol

from telematics.errors import DamagedDownload

_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 1 << 18


class Check(Protocol):
    """Is fed a file as it passes; raises DamagedDownload as soon as it can't be whole any more."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> None: ...


class Unchecked:
    """For formats that carry no checksum: their size is all there is to compare."""

    def feed(self, data: bytes) -> None:
        return

    def finish(self) -> None:
        return


class Gzip:
    """One or more gzip members and nothing behind them; a file without a single byte is empty.

    What is unpacked is checked by zlib against each member's checksum and length, and dropped.
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._is_inside = False

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._unpack(data)
        except zlib.error as error:
            raise DamagedDownload(f"the gzip is corrupt ({error})") from error

    def finish(self) -> None:
        if self._is_inside:
            raise DamagedDownload("the gzip ends before its end")

    def _unpack(self, data: bytes) -> bytes:
        """Returns what is left to be unpacked, be it of this member or of the next."""
        self._is_inside = True
        self._member.decompress(data, _PIECE_BYTES)
        if not self._member.eof:
            return self._member.unconsumed_tail
        rest = self._member.unused_data
        self._member = zlib.decompressobj(_GZIP)
        self._is_inside = False
        return rest


def check(extension: str) -> Check:
    return Gzip() if extension.lower().endswith("gz") else Unchecked()
