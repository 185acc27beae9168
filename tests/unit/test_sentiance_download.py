"""A download that breaks, expires or changes halfway: each byte comes once, or we hear why not."""

from collections.abc import Iterator

import httpx
import pytest

from telematics.errors import ProviderBusy, ProviderRefused
from telematics.http import Patience
from telematics.offloads.sources import FileChanged
from telematics.providers.sentiance.download import PROGRESS_BYTES, Download, FileLink

BODY = bytes(range(256)) * 8192  # 2 MiB
BREAK = 700_000


class Bytes(httpx.SyncByteStream):
    """Some bytes, then the end, or a connection that breaks."""

    def __init__(self, body: bytes, *, breaks: bool) -> None:
        self.body = body
        self.breaks = breaks

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self.body), 65_536):
            yield self.body[at : at + 65_536]
        if self.breaks:
            raise httpx.ReadError("connection reset while reading https://secret")


class Bucket:
    """One file behind links. Each answer may be told to do something else than it should."""

    def __init__(self, *faults: str, body: bytes = BODY) -> None:
        self.body = body
        self.etag = '"v1"'
        self.faults = list(faults)
        self.links = 0
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def link(self) -> FileLink:
        self.links += 1
        return FileLink(f"https://bucket/file?signature={self.links}", len(self.body))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else ""
        if fault.isdigit():
            return httpx.Response(int(fault), headers={"location": "https://elsewhere"})
        if fault == "timeout":
            raise httpx.ConnectTimeout("https://bucket/file?signature=1")
        if fault.startswith("replaced"):
            self.body, self.etag = b"new" * 500_000, '"v2"'
        begin = self._begin(request, fault)
        body = self.body[begin:]
        if "breaks at once" in fault:
            return self._answer(b"", begin, breaks=True)
        if "breaks" in fault:
            return self._answer(body[:BREAK], begin, breaks=True)
        return self._answer(body, begin, breaks=False)

    def _begin(self, request: httpx.Request, fault: str) -> int:
        asked = request.headers.get("range")
        same = request.headers.get("if-range", self.etag) == self.etag
        if not asked or not same or "no ranges" in fault:
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _answer(self, body: bytes, begin: int, *, breaks: bool) -> httpx.Response:
        headers = {"x-amz-request-id": f"request-{len(self.requests)}"}
        if self.etag:
            headers["etag"] = self.etag
        if begin:
            headers["content-range"] = f"bytes {begin}-{len(self.body) - 1}/{len(self.body)}"
        stream = Bytes(body, breaks=breaks)
        return httpx.Response(206 if begin else 200, headers=headers, stream=stream)

    @property
    def download(self) -> Download:
        return Download(
            httpx.Client(transport=httpx.MockTransport(self)),
            self.link,
            patience=Patience(sleep=self.waits.append, jitter=lambda: 1.0),
        )

    def read(self) -> bytes:
        with self.download as download:
            return b"".join(download)


def test_a_whole_file_is_one_request_with_nothing_but_the_link() -> None:
    bucket = Bucket()

    with bucket.download as download:
        assert (download.size, download.request_id) == (len(BODY), "request-1")
        assert b"".join(download) == BODY

    [request] = bucket.requests
    assert "authorization" not in request.headers
    assert request.headers["accept-encoding"] == "identity"  # the bytes as they are stored


def test_a_broken_download_goes_on_where_it_was() -> None:
    bucket = Bucket("breaks", "breaks")

    assert bucket.read() == BODY

    asked = [(one.headers.get("range"), one.headers.get("if-range")) for one in bucket.requests]
    assert asked == [(None, None), ("bytes=700000-", '"v1"'), ("bytes=1400000-", '"v1"')]
    assert bucket.links == 1


@pytest.mark.fault("clock", of=("sentiance",))
def test_a_link_that_expires_is_made_again() -> None:
    bucket = Bucket("403")
    assert bucket.read() == BODY
    assert bucket.links == 2

    bucket = Bucket("breaks", "403")
    assert bucket.read() == BODY
    assert bucket.links == 2
    assert bucket.requests[-1].headers["range"] == "bytes=700000-"


def test_a_server_without_ranges_is_read_again_and_its_beginning_skipped() -> None:
    bucket = Bucket("breaks", "no ranges", body=BODY)
    bucket.etag = ""

    assert bucket.read() == BODY


def test_a_server_without_ranges_may_break_again_while_its_beginning_is_skipped() -> None:
    bucket = Bucket("breaks", "no ranges breaks", "no ranges")

    assert bucket.read() == BODY


@pytest.mark.parametrize("fault", ["500", "503", "429", "timeout"])
def test_a_busy_server_is_asked_again(fault: str) -> None:
    bucket = Bucket(fault, "breaks", fault, fault)

    assert bucket.read() == BODY


def test_a_file_that_is_replaced_meanwhile_is_started_again() -> None:
    with pytest.raises(FileChanged, match="replaced"):
        Bucket("breaks", "replaced").read()


def test_without_an_etag_the_size_that_comes_with_the_next_link_tells() -> None:
    bucket = Bucket("breaks", "403")
    bucket.etag = ""

    with bucket.download as download:
        pieces = iter(download)
        next(pieces)
        bucket.body = b"new"
        with pytest.raises(FileChanged, match="another size"):
            list(pieces)


def test_a_file_that_became_shorter_is_started_again() -> None:
    with pytest.raises(FileChanged, match="shorter"):
        Bucket("breaks", "416").read()


@pytest.mark.parametrize(("fault", "links"), [("403", 5), ("500", 1)])
def test_patience_with_a_link_ends(fault: str, links: int) -> None:
    bucket = Bucket(*[fault] * 10)

    with pytest.raises(ProviderBusy, match=fault):
        bucket.read()

    assert len(bucket.requests) == 5
    assert bucket.links == links


def test_a_download_that_gets_nowhere_ends() -> None:
    bucket = Bucket(*["breaks at once"] * 10)

    with pytest.raises(ProviderBusy, match="broke off after 0 bytes") as caught:
        bucket.read()

    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(bucket.requests) == 5


def test_a_download_that_breaks_often_but_gets_on_ends_well() -> None:
    body = b"x" * (BREAK * 12)
    assert BREAK > PROGRESS_BYTES

    assert Bucket(*["breaks"] * 11, body=body).read() == body


def test_a_link_that_leads_elsewhere_is_not_followed() -> None:
    bucket = Bucket("302")

    with pytest.raises(ProviderRefused, match="leads somewhere else"):
        bucket.read()

    assert len(bucket.requests) == 1


def test_other_refusals_are_not_asked_again() -> None:
    bucket = Bucket("400")

    with pytest.raises(ProviderRefused, match="400"):
        bucket.read()

    assert len(bucket.requests) == 1


def test_a_link_hides_in_every_text() -> None:
    assert "signature" not in repr(Bucket().link())
