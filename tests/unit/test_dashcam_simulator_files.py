"""What the simulated dashcams upload: an MP4 to its last box, snapshots, tracks, and links."""

import hashlib
import struct
from collections.abc import Iterator
from functools import reduce
from operator import xor

import httpx
import pytest

from tests.sandbox.simulators.dashcam import mp4
from tests.sandbox.simulators.dashcam.files import File, content
from tests.unit.simulated_dashcam import NOON, Json, Simulator

CONTAINERS = ("moov", "trak", "mdia", "minf", "dinf", "stbl")


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


def videos(simulator: Simulator, **video: object) -> tuple[list[Json], list[Json]]:
    """As told, and as they are."""
    simulator.control("clips", history=[[0, 2]], videos=[video])
    task = simulator.clip()
    return simulator.task(task)["videos"], simulator.truth()["tasks"][task]["videos"]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def boxes(data: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """All of them, those within others too; fails unless each ends where the next begins."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at, f"{name} does not fit into {path}"
        here, body = f"{path}/{name.decode('ascii')}", data[at + 8 : at + size]
        yield here, body
        if name.decode() in CONTAINERS:
            yield from boxes(body, here)
        at += size


@pytest.mark.parametrize(("size", "seconds"), [(0, 30), (60_000, 30), (400_000, 1), (1, 86_400)])
def test_an_mp4_parses_box_by_box_to_its_end(size: int, seconds: int) -> None:
    made = content(File("a", "mp4", NOON, "C_F", size, seconds))
    data = b"".join(made.between(0, made.size))
    found = dict(boxes(data))
    table = "/moov/trak/mdia/minf/stbl"
    (frames,) = struct.unpack_from(">I", found[f"{table}/stco"], 4)
    offsets = struct.unpack_from(f">{frames}I", found[f"{table}/stco"], 8)
    sample, samples = struct.unpack_from(">2I", found[f"{table}/stsz"], 4)
    _, _, delta = struct.unpack_from(">3I", found[f"{table}/stts"], 4)

    assert [name for name in found if name.count("/") == 1] == ["/ftyp", "/moov", "/mdat"]
    assert {f"{table}/stsd", f"{table}/stsc", "/moov/mvhd", "/moov/trak/tkhd"} <= found.keys()
    assert found["/moov/trak/mdia/hdlr"][8:12] == b"vide"
    assert struct.unpack_from(">2I", found["/moov/mvhd"], 12) == (1000, seconds * 1000)
    assert frames == samples == min(seconds, 60)
    assert frames * delta == seconds * 1000
    assert {data[at : at + sample] for at in offsets} == {mp4.FRAME}
    assert len(data) == max(size, len(made.head))


def test_a_large_video_is_streamed_and_never_held(simulator: Simulator) -> None:
    made = content(File("a", "mp4", NOON, "C_F", 200_000_000, 30))
    last = b"".join(made.between(made.size - 70_000, made.size))
    assert made.size == 200_000_000
    assert len(made.head) + len(made.noise) < 100_000
    assert len(last) == 70_000
    refused = {"videos": [{"bytes": 200_000_001}]}
    assert simulator.http.post("/_simulator/clips", json=refused).status_code == 400


def test_what_is_downloaded_is_the_truth(simulator: Simulator) -> None:
    told, known = videos(simulator, capture_mode="C_R", bytes=150_000)
    whole = httpx.Response.read(answer := simulator.http.get(told[0]["video_url"]))
    assert (digest(whole), len(whole)) == (known[0]["sha256"], known[0]["bytes"])
    assert told[0]["general_filesize"] == 150_000 == int(answer.headers["content-length"])
    assert answer.headers["content-type"] == "video/mp4"
    assert Simulator().http.get(told[0]["video_url"]).status_code == 403


@pytest.mark.parametrize(
    ("kind", "media_type"), [("html", "text/html"), ("truncated", "video/mp4")]
)
def test_a_video_may_be_none(simulator: Simulator, kind: str, media_type: str) -> None:
    told, known = videos(simulator, kind=kind, bytes=90_000)
    answer = simulator.http.get(told[0]["video_url"])
    assert answer.headers["content-type"] == media_type
    assert len(answer.content) == known[0]["bytes"] < told[0]["general_filesize"] == 90_000
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        list(boxes(answer.content))


def test_a_size_may_be_told_wrong(simulator: Simulator) -> None:
    told, known = videos(simulator, kind="wrong_size", bytes=90_000)
    assert (told[0]["general_filesize"], known[0]["bytes"]) == (91_000, 90_000)


def test_any_part_can_be_asked_for(simulator: Simulator) -> None:
    url = videos(simulator, bytes=90_000)[0][0]["video_url"]

    def part(asked: str) -> httpx.Response:
        return simulator.http.get(url, headers={"Range": f"bytes={asked}"})

    first, rest, beyond = part("0-69999"), part("70000-"), part("90000-")
    assert [one.status_code for one in (first, rest, beyond)] == [206, 206, 416]
    assert first.content + rest.content == simulator.http.get(url).content
    assert rest.headers["content-range"] == "bytes 70000-89999/90000"
    head = simulator.http.head(url)
    assert (head.content, head.headers["content-length"]) == (b"", "90000")


def test_a_link_expires(simulator: Simulator) -> None:
    simulator.control("settings", link_seconds=30)
    url = videos(simulator)[0][0]["video_url"]
    simulator.control("clock", scale=4320)
    simulator.now += 29
    assert simulator.http.get(url).status_code == 200
    simulator.now += 1
    assert simulator.http.get(url).status_code == 403
    assert simulator.http.get(url.replace("signature=", "signature=0")).status_code == 403


def test_downloads_go_wrong_as_told(simulator: Simulator) -> None:
    url = videos(simulator, bytes=90_000)[0][0]["video_url"]
    inward = "http://169.254.169.254/"
    for fault in (
        *({"fault": "busy"}, {"fault": "error"}, {"fault": "expired_url"}),
        *({"fault": "redirect", "url": inward}, {"fault": "wrong_type"}),
    ):
        simulator.control("faults", count=1, at="media", about=".mp4", **fault)
    answers = [simulator.http.get(url) for _ in range(5)]
    assert [one.status_code for one in answers] == [403, 429, 500, 302, 200]
    assert answers[3].headers["location"] == inward
    assert answers[4].headers["content-type"] == "text/html"

    simulator.control("faults", fault="redirect")
    assert simulator.http.get(url, follow_redirects=True).num_bytes_downloaded == 90_000
    simulator.http.delete("/_simulator/faults")
    simulator.control("faults", fault="cut", at="media")
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.http.get(url)


def test_a_snapshot_is_a_jpeg_to_its_last_marker(simulator: Simulator) -> None:
    uuid = simulator.control("crash", driver="driver-0001")["uuid"]
    shots = simulator.get(f"event/{uuid}/assets")["data"]["snapshots"]
    data = simulator.http.get(shots[0]["url"]).content
    marks, at = list[int](), 2
    while data[at + 1] != 0xDA:
        marks.append(data[at + 1])
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]

    assert [one["capture_mode"] for one in shots] == ["C_F", "C_I"]
    assert (data[:2], data[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    assert marks == [0xFE, 0xDB, 0xC0, 0xC4, 0xC4]


def test_a_track_is_made_of_sentences_with_right_checksums(simulator: Simulator) -> None:
    uuid = simulator.control("crash", driver="driver-0001")["uuid"]
    assets = simulator.get(f"event/{uuid}/assets")["data"]
    lines = simulator.http.get(assets["nmea_url"]).text.split("\r\n")[:-1]
    place = simulator.get(f"event/{uuid}")["data"][0]
    latitude = lines[0].split(",")[3]

    assert len(lines) == 2 * (assets["nmea_should_end_at"] - assets["nmea_should_start_at"])
    assert [line[:6] for line in lines[:2]] == ["$GPRMC", "$GPGGA"]
    for line in lines:
        body, _, checksum = line[1:].partition("*")
        assert reduce(xor, body.encode()) == int(checksum, 16)
    assert int(latitude[:2]) + float(latitude[2:]) / 60 == pytest.approx(place["lat"], abs=1e-6)
