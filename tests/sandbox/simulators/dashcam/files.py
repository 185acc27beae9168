"""What dashcams upload: videos of any size, snapshots, and tracks as NMEA sentences."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, reduce
from operator import xor

from tests.sandbox.simulators.chance import chance, identity
from tests.sandbox.simulators.city import METRES_PER_DEGREE
from tests.sandbox.simulators.dashcam import mp4

VIDEO_KINDS = ("mp4", "html", "truncated", "wrong_size")
MOST_BYTES = 200_000_000
KNOTS_PER_KPH = 1 / 1.852
_BLOCK_BYTES = 65_536
_ENDINGS = {"jpeg": ".jpg", "nmea": ".nmea"}
_HTML = b"<!DOCTYPE html><html><body><h1>Please sign in</h1></body></html>\n"


@dataclass(frozen=True)
class File:
    """One that was uploaded, or will be: `kind` is one of the videos', jpeg or nmea."""

    key: str
    kind: str
    start: int
    capture_mode: str = ""
    size: int = 0
    duration_s: int = 0
    latitude: float = 0
    longitude: float = 0
    speed_kph: int = 0

    @property
    def name(self) -> str:
        return identity(20, self.key, self.kind) + _ENDINGS.get(self.kind, ".mp4")

    @property
    def told_bytes(self) -> int:
        """What the API says of its size."""
        whole = max(self.size, len(mp4.beginning(self.size, self.duration_s)))
        return whole + 1_000 if self.kind == "wrong_size" else whole


@dataclass(frozen=True)
class Content:
    """What is sent: it begins with `head`, and is filled up with noise."""

    head: bytes
    size: int
    media_type: str
    noise: bytes = b""

    def between(self, start: int, stop: int) -> Iterator[bytes]:
        while start < stop:
            if start < len(self.head):
                part = self.head[start:stop]
            else:
                offset = start % _BLOCK_BYTES
                part = self.noise[offset : offset + stop - start]
            yield part
            start += len(part)


@lru_cache(maxsize=256)
def content(file: File) -> Content:
    if file.kind == "jpeg":
        picture = jpeg(file.key)
        return Content(picture, len(picture), "image/jpeg")
    if file.kind == "nmea":
        track = "".join(f"{line}\r\n" for line in nmea(file)).encode()
        return Content(track, len(track), "text/plain")
    if file.kind == "html":
        return Content(_HTML, len(_HTML), "text/html")
    head = mp4.beginning(file.size, file.duration_s)
    size = max(file.size, len(head))
    size = size * 2 // 3 if file.kind == "truncated" else size
    return Content(head, size, "video/mp4", chance(file.key).randbytes(_BLOCK_BYTES))


@lru_cache(maxsize=100_000)
def sha256(file: File) -> str:
    sent, digest = content(file), hashlib.sha256()
    for part in sent.between(0, sent.size):
        digest.update(part)
    return digest.hexdigest()


def jpeg(comment: str) -> bytes:
    """Eight by eight pixels, all of the same grey: both Huffman tables know but one symbol."""
    one_code = b"\x01" + bytes(15) + b"\x00"
    parts = (
        (0xFE, comment.encode()),
        (0xDB, b"\x00" + b"\x01" * 64),
        (0xC0, struct.pack(">BHHB3B", 8, 8, 8, 1, 1, 0x11, 0)),
        (0xC4, b"\x00" + one_code),
        (0xC4, b"\x10" + one_code),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    segments = (b"\xff" + bytes([mark]) + _counted(body) for mark, body in parts)
    return b"\xff\xd8" + b"".join(segments) + b"\x3f\xff\xd9"


def way(file: File) -> Iterator[tuple[float, float]]:
    """Latitudes and longitudes, a second each, straight to the north."""
    step = file.speed_kph / 3.6 / METRES_PER_DEGREE
    for second in range(file.duration_s):
        yield file.latitude + step * second, file.longitude


def nmea(file: File) -> Iterator[str]:
    for second, (latitude, longitude) in enumerate(way(file)):
        moment = datetime.fromtimestamp(file.start + second, UTC)
        place = f"{_degrees(latitude, 2)},N,{_degrees(longitude, 3)},E"
        knots = f"{file.speed_kph * KNOTS_PER_KPH:.1f}"
        yield _sentence(f"GPRMC,{moment:%H%M%S}.00,A,{place},{knots},0.0,{moment:%d%m%y},,,A")
        yield _sentence(f"GPGGA,{moment:%H%M%S}.00,{place},1,09,0.9,28.0,M,47.0,M,,")


def _counted(body: bytes) -> bytes:
    return struct.pack(">H", len(body) + 2) + body


def _degrees(value: float, digits: int) -> str:
    """Degrees and minutes in one number. The city is in the north-east."""
    whole, minutes = divmod(round(value * 600_000), 600_000)
    return f"{whole:0{digits}}{minutes / 10_000:07.4f}"


def _sentence(text: str) -> str:
    return f"${text}*{reduce(xor, text.encode()):02X}"
