"""Files behind links: each once, whole or not at all, with a reason where it can't be had."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from telematics.errors import DamagedDownload, Forbidden, ProviderBusy, ProviderError
from telematics.http import Patience
from telematics.links import LinkRefused, LinkTooLarge, Policy
from telematics.media import Media
from telematics.sync import keeping
from telematics.sync.keeping import Keeper
from telematics.sync.sources import File, Kind
from tests.unit.fakes import FakeS3
from tests.unit.sync_desk import served

LINK = "https://media.example/secret-path/C_F.mp4?X-Amz-Signature=abc123"
KEY = "dashcam/event/C_F-video.mp4"
BODY = b"moving pictures" * 1_000
VIDEO = File(Kind.VIDEO, "C_F-video.mp4", LINK, len(BODY))
TRACK = File(Kind.TRACK, "track.nmea", LINK)


class Store:
    """A bucket, and a server that answers one after the other, the last one for ever."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.s3, self.requests, self.waits = FakeS3(), 0, list[float]()
        self.seconds = 0.0
        self._answers = list(answers)
        policy = Policy(frozenset({"media.example"}))
        self.keeper = Keeper(
            Media(self.s3.zone),
            httpx.Client(transport=httpx.MockTransport(self._answer)),
            policy,
            patience=Patience(attempts=3, sleep=self.waits.append),
            clock=lambda: self.seconds,
            now=lambda: datetime(2024, 3, 5, tzinfo=UTC),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def file(body: bytes = BODY, kind: str = "video/mp4") -> httpx.Response:
    return served(body, kind)


def test_a_file_is_fetched_once() -> None:
    store = Store(file())

    first, again = (store.keeper.keep(KEY, VIDEO) for _ in range(2))

    assert store.s3.objects == {KEY: BODY}
    assert (first.is_new, again.is_new, store.requests) == (True, False, 1)
    assert first.sha256
    assert first.sha256 == again.sha256


def test_what_is_there_with_another_size_is_fetched_again() -> None:
    store = Store(file(b"short"), file())
    store.keeper.keep(KEY, File(Kind.VIDEO, "C_F-video.mp4", LINK))

    assert store.keeper.keep(KEY, VIDEO).is_new
    assert store.s3.objects == {KEY: BODY}


def test_a_large_file_goes_in_parts() -> None:
    body = bytes(20 << 20)
    store = Store(file(body))

    store.keeper.keep(KEY, File(Kind.VIDEO, "C_F-video.mp4", LINK, len(body)))

    assert len(store.s3.objects[KEY]) == len(body)
    assert store.s3.begun
    assert not store.s3.parts


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403), Forbidden),
        (httpx.Response(503), ProviderBusy),
        (file(b"<html>", "text/html"), LinkRefused),
        (file(BODY[:-1]), DamagedDownload),
        (httpx.Response(302, headers={"location": "https://elsewhere.example/"}), LinkRefused),
    ],
)
def test_what_is_not_the_file_is_not_stored(
    answer: httpx.Response, error: type[ProviderError]
) -> None:
    store = Store(answer)

    with pytest.raises(error) as caught:
        store.keeper.keep(KEY, VIDEO)

    assert not store.s3.objects
    assert "secret-path" not in str(caught.value)


def test_links_lead_only_where_they_may() -> None:
    store = Store(file())
    with pytest.raises(LinkRefused, match=r"other\.example"):
        store.keeper.keep(KEY, File(Kind.VIDEO, "C_F-video.mp4", "https://other.example/C_F.mp4"))
    assert store.requests == 0


def test_a_server_that_is_busy_for_a_moment_is_waited_for() -> None:
    store = Store(httpx.Response(503), file())
    assert store.keeper.keep(KEY, VIDEO).is_new
    assert len(store.waits) == 1


def test_a_download_that_never_ends_is_given_up() -> None:
    store = Store(httpx.Response(200))

    def drip() -> Iterator[bytes]:
        while True:
            store.seconds += 50
            yield b"drop"

    store._answers = [
        httpx.Response(200, content=drip(), headers={"content-type": "video/mp4"}),
    ]
    with pytest.raises(DamagedDownload, match="took longer than 180 seconds"):
        store.keeper.keep(KEY, VIDEO)
    assert not store.s3.objects


def test_a_track_is_told_before_it_is_stored() -> None:
    store = Store(file(b"$GPRMC", "text/plain"))
    seen: list[tuple[bytes, bool]] = []

    def first(body: bytes) -> None:
        seen.append((body, KEY in store.s3.objects))

    store.keeper.keep(KEY, TRACK, first=first)

    assert seen == [(b"$GPRMC", False)]
    assert store.s3.objects == {KEY: b"$GPRMC"}


def test_a_track_is_not_as_long_as_a_film(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGEST_TRACK_BYTES", 100)
    store = Store(file(BODY, "text/plain"))
    with pytest.raises(LinkTooLarge):
        store.keeper.keep(KEY, TRACK, first=lambda _: None)
    assert not store.s3.objects
