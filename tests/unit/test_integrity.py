"""A gzip file is whole, to the last byte of its last member, or the download is damaged."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics import integrity
from telematics.errors import DamagedDownload

ONE = gzip.compress(b"user_id,mode\nu1,car\n" * 5000)
TWO = ONE + gzip.compress(b"") + gzip.compress(b"u2,bus\n")


def feed(data: bytes, *, step: int = 1000, extension: str = "csv.gz") -> int:
    check = integrity.check(extension)
    for at in range(0, len(data), step):
        check.feed(data[at : at + step])
    check.finish()
    return len(data)


@given(cut=st.lists(st.integers(1, 50), min_size=1, max_size=20), data=st.binary(max_size=300))
def test_a_whole_file_is_whole_however_it_is_cut(cut: list[int], data: bytes) -> None:
    whole = gzip.compress(data) + gzip.compress(data[::-1])
    assert all(feed(whole, step=step) == len(whole) for step in cut)


def test_several_members_and_no_bytes_at_all_are_fine() -> None:
    assert feed(TWO) == len(TWO)
    assert feed(b"") == 0


def test_a_highly_compressed_file_takes_no_memory_to_check() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\0" * (1 << 20)
    data = b"".join(bomb.compress(zeros) for _ in range(64)) + bomb.flush()
    assert feed(data, step=1 << 20) == len(data)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (ONE[:-1], "ends before its end"),
        (ONE[:-9], "ends before its end"),
        (ONE[:20], "ends before its end"),
        (TWO[:-3], "ends before its end"),
        (ONE[:200] + bytes([ONE[200] ^ 1]) + ONE[201:], "corrupt"),
        (ONE[:-8] + b"\0\0\0\0" + ONE[-4:], "corrupt"),
        (ONE[:-4] + b"\0\0\0\0", "corrupt"),
        (ONE + b"garbage", "corrupt"),
        (ONE + b"\x1f", "ends before its end"),
        (b"user_id,mode\n", "corrupt"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_damaged_file_is_found_out(damaged: bytes, reason: str, step: int) -> None:
    with pytest.raises(DamagedDownload, match=reason):
        feed(damaged, step=step)


def test_formats_without_a_checksum_are_taken_as_they_come() -> None:
    feed(b"user_id,mode\n", extension="csv")
    with pytest.raises(DamagedDownload):
        feed(b"user_id,mode\n", extension="JSON.GZ")
