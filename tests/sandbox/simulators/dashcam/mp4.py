"""A real MP4 of any size: some H.264 frames that a player shows, and what fills it up."""

import struct
from functools import lru_cache

WIDTH, HEIGHT = 64, 48
MOST_FRAMES = 60
_MILLISECONDS = 1000
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

# Baseline, level 1, 4 by 3 macroblocks; a picture in which each of them is PCM: nothing to encode.
_SEQUENCE = bytes.fromhex("6742000af88e20")
_PICTURE = bytes.fromhex("68ce3880")
_SLICE, _NEXT, _END = bytes.fromhex("6588840868"), b"\x0d\x00", b"\x80"
_BLOCKS = [bytes([40 + 15 * number]) * 256 + b"\x70" * 64 + b"\x90" * 64 for number in range(12)]
_UNIT = _SLICE + _NEXT.join(_BLOCKS) + _END
FRAME = struct.pack(">I", len(_UNIT)) + _UNIT


@lru_cache(maxsize=512)
def beginning(size: int, duration_s: int) -> bytes:
    """All of the file but its padding, which belongs to the last box; longer where size is less."""
    frames = max(1, min(MOST_FRAMES, duration_s))
    file_type = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    at = len(file_type) + len(_movie(frames, duration_s, 0)) + 8
    length = max(size - at, len(FRAME)) + 8
    data = struct.pack(">I", length) + b"mdat" + FRAME
    return file_type + _movie(frames, duration_s, at) + data


def _movie(frames: int, duration_s: int, at: int) -> bytes:
    duration = duration_s * _MILLISECONDS
    header = struct.pack(">4I", 0, 0, _MILLISECONDS, duration)
    rest = struct.pack(">IHxx8x", 0x10000, 0x100) + _UNITY + bytes(24) + struct.pack(">I", 2)
    track = struct.pack(">5I8x4H", 0, 0, 1, 0, duration, 0, 0, 0, 0)
    size = struct.pack(">2I", WIDTH << 16, HEIGHT << 16)
    media = _box(
        b"mdia",
        _full(b"mdhd", header, struct.pack(">HH", 0x55C4, 0)),
        _full(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\0"),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
            _samples(frames, duration, at),
        ),
    )
    return _box(
        b"moov",
        _full(b"mvhd", header, rest),
        _box(b"trak", _full(b"tkhd", track, _UNITY, size, flags=3), media),
    )


def _samples(frames: int, duration: int, at: int) -> bytes:
    """The same frame again and again: each chunk is one sample at the same place."""
    configuration = struct.pack(
        ">6BH7sBH4s", 1, 0x42, 0, 0x0A, 0xFF, 0xE1, 7, _SEQUENCE, 1, 4, _PICTURE
    )
    visual = struct.pack(
        ">6xH16x2H2I4xH32sHh", 1, WIDTH, HEIGHT, 72 << 16, 72 << 16, 1, b"", 24, -1
    )
    entry = _box(b"avc1", visual, _box(b"avcC", configuration))
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), entry),
        _full(b"stts", struct.pack(">3I", 1, frames, duration // frames)),
        _full(b"stsc", struct.pack(">4I", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(">2I", len(FRAME), frames)),
        _full(b"stco", struct.pack(">I", frames), struct.pack(">I", at) * frames),
    )


def _box(name: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + name + content


def _full(name: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags), *parts)
