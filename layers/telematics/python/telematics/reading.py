"""How a file is read: as most files can be, until one turns out to need more."""

from dataclasses import dataclass, replace
from typing import Self

from telematics.errors import MalformedPayload, TelematicsError

FIRST_BLOCK_BYTES = 7 << 16
LARGEST_BLOCK_BYTES = FIRST_BLOCK_BYTES << 8  # 112 MiB: no row is longer


@dataclass(frozen=True)
class Reading:
    """`is_utf8`: rows that can't be split are shown by the reader as text, which must be UTF-8."""

    block_bytes: int = FIRST_BLOCK_BYTES
    is_utf8: bool = True

    def with_larger_blocks(self) -> Self:
        if self.block_bytes >= LARGEST_BLOCK_BYTES:
            raise MalformedPayload(f"a row is longer than {LARGEST_BLOCK_BYTES >> 20} MiB")
        return replace(self, block_bytes=self.block_bytes << 4)

    def of_any_bytes(self) -> Self:
        return replace(self, is_utf8=False)


class ReadAgain(TelematicsError):
    """The file can't be read like this: start over, and read it like that."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(f"read again with {reading}")
        self.reading = reading
