"""A file behind a link that may expire or break at any byte: the download goes on where it was."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import httpx

from telematics import http
from telematics.errors import ProviderBusy, ProviderRefused
from telematics.http import Patience, Retries
from telematics.offloads.sources import FileChanged

WHO = "the download link"
EXPIRED_STATUSES = frozenset({401, 403, 404, 410})  # S3's is 403
# Less than this between two breaks is no progress, or a server could keep us busy for ever.
PROGRESS_BYTES = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class FileLink:
    """A secret: whoever has the link has the file. `size` is what was announced with it."""

    url: str = field(repr=False)
    size: int | None


class Download:
    """Bytes exactly as they are stored, in order, each once, whatever happens on the way."""

    def __init__(
        self,
        client: httpx.Client,
        make_link: Callable[[], FileLink],
        *,
        patience: Patience | None = None,
    ) -> None:
        self.size: int | None = None
        self.request_id = ""
        self._client = client
        self._make_link = make_link
        self._link: FileLink | None = None
        self._response: httpx.Response | None = None
        self._etag = ""
        self._received = 0
        self._to_skip = 0
        self._received_at_break = 0
        self._retries = Retries(patience or Patience())

    def __enter__(self) -> Self:
        self._connect()
        return self

    def __exit__(self, *exc: object) -> None:
        self._hang_up()

    def __iter__(self) -> Iterator[bytes]:
        while self._response is not None:
            try:
                for data in self._response.iter_raw():
                    fresh = self._unseen(data)
                    self._received += len(fresh)
                    if fresh:
                        yield fresh
                return
            except httpx.RequestError as error:
                kind = type(error).__name__
            self._hang_up()
            self._pause(f"{WHO} broke off after {self._received} bytes ({kind})")
            self._connect()

    def _unseen(self, data: bytes) -> bytes:
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        return data[skipped:]

    def _pause(self, reason: str) -> None:
        if self._received - self._received_at_break >= PROGRESS_BYTES:
            self._retries.forget()
        self._received_at_break = self._received
        self._retries.wait_after(ProviderBusy(reason))

    def _connect(self) -> None:
        """Have an answer that goes on where we are, with a new link if need be."""
        while True:
            link = self._link = self._link or self._new_link()
            try:
                self._response = self._ask(link)
                self._go_on(self._response)
                return
            except ProviderBusy as busy:
                self._hang_up()
                self._retries.wait_after(busy)

    def _new_link(self) -> FileLink:
        link = self._make_link()
        if self._received and None not in (link.size, self.size) and link.size != self.size:
            raise FileChanged("the provider announces another size than when the download began")
        self.size = link.size
        return link

    def _ask(self, link: FileLink) -> httpx.Response:
        headers = {"Accept-Encoding": "identity"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
            if self._etag:
                headers["If-Range"] = self._etag
        request = self._client.build_request("GET", link.url, headers=headers)
        return http.send(self._client, request, stream=True)

    def _go_on(self, response: httpx.Response) -> None:
        """Raise unless the body of this answer holds the next byte we want."""
        if response.status_code in EXPIRED_STATUSES:
            self._link = None
            raise ProviderBusy(f"{WHO} is no longer good: {response.status_code}")
        if response.status_code == 416:
            raise FileChanged("the file is shorter than when the download began")
        if response.is_redirect:
            raise ProviderRefused(f"{WHO} leads somewhere else: {response.status_code}")
        http.check(response, who=WHO)
        self._compare(response)
        begins_at = _begin(response)
        if begins_at > self._received:
            raise ProviderBusy(f"{WHO} goes on at byte {begins_at} instead of {self._received}")
        self._to_skip = self._received - begins_at

    def _compare(self, response: httpx.Response) -> None:
        """Is it still the file that we have the beginning of?"""
        etag = response.headers.get("etag", "")
        if self._received and self._etag and etag and etag != self._etag:
            raise FileChanged("the file was replaced since the download began")
        if not etag.startswith("W/"):  # a weak one may not be used to go on
            self._etag = self._etag or etag
        self.request_id = self.request_id or response.headers.get("x-amz-request-id", "")

    def _hang_up(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None


def _begin(response: httpx.Response) -> int:
    """The place of the first byte of the body in the file."""
    if response.status_code != 206:
        return 0
    told = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if told is None:
        raise ProviderBusy(f"{WHO} answered a part of the file without saying which")
    return int(told[1])
