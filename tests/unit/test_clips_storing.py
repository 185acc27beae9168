"""Videos come whole or not at all, once, in flat memory; and nobody learns where from."""

import hashlib
import traceback
import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from telematics.clips.probing import NotAVideo
from telematics.clips.sources import Fate, Progress
from telematics.clips.storing import NO_LONGER_THERE
from telematics.errors import DamagedDownload, Forbidden, InvalidRequest, ProviderBusy
from telematics.raw import PART_BYTES
from tests.unit.clip_world import LINK, SECRETS, World, box, movie, mp4, progress, video, world
from tests.unit.fakes import FakeS3

__all__ = ["world"]

HTML = b"<!DOCTYPE html><html><body>Please sign in</body></html>"


def test_a_video_is_stored_with_its_custody(world: World) -> None:
    clip_id = world.ready("C_F", "C_I")

    outcome = world.storing.store(clip_id, 1)

    assert outcome == {"index": 1, "stored": True, "reason": ""}
    key = f"dashcam/{clip_id}/C_I-C_I.mp4"
    assert world.media.objects == {key: mp4()}
    [stored] = world.clip(clip_id).videos
    assert stored.model_dump() == {
        "capture_mode": "C_I",
        "file_name": "C_I.mp4",
        "media_key": key,
        "bytes": len(mp4()),
        "sha256": hashlib.sha256(mp4()).hexdigest(),
        "container": "mp4",
        "stored_at": world.now,
    }


def test_a_repeat_fetches_nothing_and_records_nothing(world: World) -> None:
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    before = world.clip(clip_id)

    assert world.storing.store(clip_id, 0)["stored"]

    assert world.fetched == ["C_F"]
    assert world.clip(clip_id) == before


@pytest.mark.fault("crash", of=("dashcam",))
def test_a_repeat_after_a_crash_before_the_record_ends_the_same(world: World) -> None:
    clip_id = world.ready("C_F")
    world.storing.store(clip_id, 0)
    first = world.clip(clip_id).videos
    world.clips.change(clip_id, lambda one: one.with_(videos=()))
    world.storing.store(clip_id, 0)
    assert world.clip(clip_id).videos == first
    assert len(world.media.objects) == 1


def test_two_at_once_are_both_recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clip_id = world.ready("C_F", "C_I")
    download = World._download

    def slow(self: World, request: httpx.Request) -> httpx.Response:
        if "C_F" in str(request.url):
            world.storing.store(clip_id, 1)
        return download(self, request)

    monkeypatch.setattr(World, "_download", slow)
    world.storing.store(clip_id, 0)
    assert [one.capture_mode for one in world.clip(clip_id).videos] == ["C_I", "C_F"]


def test_a_fresh_link_is_asked_for_each_time(world: World) -> None:
    clip_id = world.ready("C_F")
    world.source.answers = [progress(Fate.COMPLETE, "C_I", "C_F")]  # in another order, too
    looked = len(world.source.looked)
    assert world.storing.store(clip_id, 0)["stored"]
    assert (world.fetched, len(world.source.looked)) == (["C_F"], looked + 1)


def test_a_link_that_has_expired_meanwhile_is_asked_for_once_more(world: World) -> None:
    clip_id = world.ready("C_F")
    world.files["C_F"] = answered(b"", status=403)
    looked = len(world.source.looked)
    assert not world.storing.store(clip_id, 0)["stored"]
    assert (world.fetched, len(world.source.looked)) == (["C_F"] * 2, looked + 2)


def test_what_the_provider_has_no_longer_is_missing(world: World) -> None:
    clip_id = world.ready("C_F")
    world.source.answers = [progress(Fate.COMPLETE)]
    outcome = world.storing.store(clip_id, 0)
    assert outcome == {"index": 0, "stored": False, "reason": NO_LONGER_THERE}
    assert world.clip(clip_id).unstored == {"0": NO_LONGER_THERE}


def answered(content: bytes, status: int = 200, **headers: str) -> httpx.Response:
    spelt = {name.replace("_", "-"): one for name, one in headers.items()}
    return httpx.Response(
        status, content=iter([content]), headers={"content-type": "video/mp4"} | spelt
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HTML, "not a video"),
        (answered(HTML, content_type="text/html"), "another type of file"),
        (answered(mp4(), content_encoding="gzip"), "packed"),
        (answered(b"", status=404), "404"),
        (answered(b"", status=403), "403"),
        (answered(b"", status=302, location="https://elsewhere.example/"), "not allowed"),
        (answered(b"", content_length=str(6 << 30)), "more than"),
    ],
)
def test_what_will_be_no_better_next_time_is_missing_with_the_reason(
    world: World, answer: Any, why: str
) -> None:
    clip_id = world.ready("C_F")
    world.files["C_F"] = answer

    outcome = world.storing.store(clip_id, 0)

    assert not outcome["stored"]
    assert why in outcome["reason"]
    assert (world.media.objects, world.media.parts) == ({}, {})
    assert world.clip(clip_id).unstored["0"] == outcome["reason"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answered(b"", status=503), ProviderBusy),
        (httpx.ReadTimeout("late"), ProviderBusy),
        (httpx.ConnectError("refused"), ProviderBusy),
        (mp4()[:-1], DamagedDownload),
        (b"", DamagedDownload),
        (answered(mp4(), content_length="99999"), DamagedDownload),
    ],
)
def test_what_may_be_better_next_time_is_raised_once_it_is_noted(
    world: World, answer: Any, error: type[Exception]
) -> None:
    clip_id = world.ready("C_F")
    world.files["C_F"] = answer
    with pytest.raises(error) as caught:
        world.storing.store(clip_id, 0)
    assert (world.media.objects, world.media.parts) == ({}, {})
    assert world.clip(clip_id).unstored["0"] == str(caught.value)

    world.files.clear()
    assert world.storing.store(clip_id, 0)["stored"]
    assert world.clip(clip_id).unstored == {}


@pytest.mark.parametrize(("announced", "why"), [(-1, "more bytes"), (1, "came of the")])
def test_a_video_of_another_size_than_announced_is_damaged(
    world: World, announced: int, why: str
) -> None:
    size = len(mp4()) + announced
    world.source.answers = [Progress(Fate.COMPLETE, True, videos=[video("C_F", size=size)])]
    clip_id = world.begun()
    world.polled(clip_id)
    with pytest.raises(DamagedDownload, match=why):
        world.storing.store(clip_id, 0)
    assert world.media.objects == {}


@pytest.mark.parametrize("announced", [None, 0, len(mp4())])
def test_a_size_that_is_right_or_not_told_is_fine(world: World, announced: int | None) -> None:
    world.source.answers = [Progress(Fate.COMPLETE, True, videos=[video("C_F", size=announced)])]
    clip_id = world.begun()
    world.polled(clip_id)
    assert world.storing.store(clip_id, 0)["stored"]


@pytest.mark.parametrize("error", [ProviderBusy("503"), Forbidden("403")])
def test_a_result_that_is_refused_now_is_asked_for_again(world: World, error: Exception) -> None:
    clip_id = world.ready("C_F")
    world.source.answers = [error]
    with pytest.raises(ProviderBusy):
        world.storing.store(clip_id, 0)


def test_a_video_that_nobody_announced_is_not_stored(world: World) -> None:
    clip_id = world.ready("C_F")
    for index in (1, -1):
        with pytest.raises(InvalidRequest):
            world.storing.store(clip_id, index)


def large(pictures: int) -> Iterator[bytes]:
    """An MP4 in pieces, which are never in memory at once."""
    yield box(b"ftyp", b"isom" + bytes(4)) + movie()
    yield (8 + pictures).to_bytes(4, "big") + b"mdat"
    block = bytes(1 << 20)
    for _ in range(pictures >> 20):
        yield block


class Forgetful(FakeS3):
    """Keeps of each part only its size."""

    def upload_part(self, **arguments: Any) -> dict[str, Any]:
        self.sizes = [*getattr(self, "sizes", []), len(arguments["Body"])]
        return super().upload_part(**{**arguments, "Body": b""})


def test_200_megabytes_pass_through_flat_memory(world: World) -> None:
    world.media = Forgetful()
    clip_id = world.ready("C_F")
    world.files["C_F"] = httpx.Response(
        200, content=large(200 << 20), headers={"content-type": "video/mp4"}
    )
    tracemalloc.start()
    try:
        assert world.storing.store(clip_id, 0)["stored"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * PART_BYTES
    [stored] = world.clip(clip_id).videos
    assert stored.bytes == sum(world.media.sizes) > 200 << 20


@pytest.mark.fault("crash", of=("dashcam",))
def test_a_crash_midway_leaves_nothing_visible(world: World) -> None:
    def dying() -> Iterator[bytes]:
        yield from list(large(20 << 20))[:15]
        raise httpx.ReadError("broken")

    clip_id = world.ready("C_F")
    world.files["C_F"] = httpx.Response(200, content=dying(), headers={"content-type": "video/mp4"})
    with pytest.raises(ProviderBusy):
        world.storing.store(clip_id, 0)
    assert world.media.begun != {}
    assert (world.media.objects, world.media.parts) == ({}, {})


def test_no_failure_shows_where_a_video_is(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    clip_id = world.ready("C_F")
    shown = []
    for answer in (HTML, httpx.ReadTimeout(LINK), answered(b"", status=500), mp4()[:-1]):
        world.files["C_F"] = answer
        try:
            world.storing.store(clip_id, 0)
        except (ProviderBusy, DamagedDownload, NotAVideo) as error:
            lines = "".join(traceback.format_exception(error)).splitlines()
            shown += [line for line in lines if not line.startswith(" ")]
    shown += [str(vars(one)) for one in caplog.records]
    shown += [capsys.readouterr().out, repr(world.clip(clip_id)), repr(world.storing)]
    assert not any(secret in one for one in shown for secret in SECRETS)
