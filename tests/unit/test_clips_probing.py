"""What is a video and what isn't, however the file is cut into pieces."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telematics.clips.probing import NotAVideo, Probe
from telematics.errors import DamagedDownload
from tests.sandbox.simulators.dashcam import mp4 as simulated
from tests.unit.clip_world import box, movie, mp4

FTYP = box(b"ftyp", b"isom" + bytes(4) + b"mp41")
MDAT = box(b"mdat", b"pictures")
TS = (b"\x47" + bytes(187)) * 40
M2TS = (bytes(4) + b"\x47" + bytes(187)) * 40


def probed(content: bytes, piece: int = 1 << 20) -> str:
    probe = Probe()
    for at in range(0, len(content), piece):
        probe.feed(content[at : at + piece])
    return probe.finish()


def long_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


@pytest.mark.parametrize(
    ("content", "container"),
    [
        (mp4(), "mp4"),
        (mp4(brand=b"qt  "), "quicktime"),
        (FTYP + MDAT + movie(), "mp4"),
        (FTYP + box(b"free", bytes(99)) + movie() + long_box(b"mdat", b"x" * 50), "mp4"),
        (FTYP + movie() + struct.pack(">I4s", 0, b"mdat") + b"to the end", "mp4"),
        (mp4() + box(b"uuid", bytes(16)) + box(b"\xa9xyz"), "mp4"),
        (mp4() + bytes(512), "mp4"),
        (mp4() + b"GPS", "mp4"),
        (FTYP + movie(b"soun") + movie() + MDAT, "mp4"),
        (simulated.beginning(60_000, 30).ljust(60_000, b"\0"), "mp4"),
        (TS, "mpegts"),
        (TS + b"cut", "mpegts"),
        (M2TS, "mpegts"),
    ],
)
def test_a_video_is_known_by_its_bytes(content: bytes, container: str) -> None:
    for piece in (1, 7, 188, 1 << 20):
        assert probed(content, piece) == container


@given(cuts=st.lists(st.integers(1, 400), min_size=1))
@settings(max_examples=50, deadline=None)
def test_how_a_file_is_cut_makes_no_difference(cuts: list[int]) -> None:
    content, probe = mp4(b"x" * 300), Probe()
    while content:
        cut = cuts[len(content) % len(cuts)]
        probe.feed(content[:cut])
        content = content[cut:]
    assert probe.finish() == "mp4"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><body><h1>Please sign in</h1></body></html>\n",
        b'{"result": false, "code": "E1"}',
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"RIFF" + bytes(4) + b"AVI LIST",
        bytes(4096),
        FTYP,
        FTYP + movie(),
        FTYP + MDAT,
        FTYP + movie() + box(b"mdat"),
        FTYP + movie(b"soun") + MDAT,
        FTYP + box(b"moov", box(b"mvhd", bytes(100))) + MDAT,
        FTYP + box(b"\0\0\0\0", bytes(10)) + movie() + MDAT,
        FTYP + struct.pack(">I4s", 7, b"free") + bytes(100),
        FTYP + box(b"moov", struct.pack(">I4s", 99_999, b"trak")) + MDAT,
        FTYP + FTYP + movie() + MDAT,
        box(b"ftyp", bytes(3)) + movie() + MDAT,
        box(b"ftyp", bytes(9_999)) + movie() + MDAT,
        b"\x47" + bytes(187) + b"no sync" + bytes(400),
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    for piece in (1, 1 << 20):
        with pytest.raises(NotAVideo, match="not a video"):
            probed(content, piece)


@pytest.mark.parametrize("length", range(0, len(mp4(b"x" * 40)), 3))
def test_a_video_that_is_cut_short_is_never_taken_for_whole(length: int) -> None:
    with pytest.raises((DamagedDownload, NotAVideo)):
        probed(mp4(b"x" * 40)[:length])


def test_a_video_that_is_cut_in_its_pictures_is_damaged() -> None:
    with pytest.raises(DamagedDownload):
        probed(mp4(b"x" * 40)[:-1])
    with pytest.raises(DamagedDownload):
        probed(TS[:300])


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_noise_is_no_video(noise: bytes) -> None:
    for content in (noise, FTYP + noise):
        with pytest.raises((DamagedDownload, NotAVideo)):
            probed(content)
