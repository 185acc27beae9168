"""The storage behind the links: whole files and the rest of files, at any pace, to any byte."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.sentiance import replies
from tests.sandbox.simulators.sentiance.faults import Fault, Faults, Kind, Where
from tests.sandbox.simulators.sentiance.files.file import Edition, Facts
from tests.sandbox.simulators.sentiance.links import Links, Refused
from tests.sandbox.simulators.sentiance.patience import wait
from tests.sandbox.simulators.sentiance.settings import Settings
from tests.sandbox.simulators.sentiance.shelf import Shelf

CHUNK_BYTES = 65_536
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class OutOfRange(Exception):
    """What is asked for begins after the last byte."""


@dataclass(frozen=True)
class Pace:
    """How a body is sent: in what chunks, with what pauses, and where it ends before its time."""

    chunk_bytes: int = CHUNK_BYTES
    pause_seconds: float = 0.0
    cut_at: int | None = None
    silent_at: int | None = None
    silence_seconds: float = 0.0


class Transfer(Response):
    """A body sent at a pace. Where it is cut, the answer is never completed."""

    def __init__(
        self, content: memoryview, *, status: int, headers: Mapping[str, str], pace: Pace
    ) -> None:
        super().__init__(b"", status, dict(headers), media_type="binary/octet-stream")
        self._content = content
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pace, size = self._pace, len(self._content)
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        end = size if pace.cut_at is None else min(pace.cut_at, max(0, size - 1))
        for begin, stop in _chunks(end, pace):
            if begin and begin == pace.silent_at:  # before the first byte it was kept already
                await wait(receive, pace.silence_seconds)
            body = bytes(self._content[begin:stop])
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await wait(receive, pace.pause_seconds)
        if pace.cut_at is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _chunks(end: int, pace: Pace) -> Iterator[tuple[int, int]]:
    """Where each begins and stops; one begins where the silence is."""
    begin = 0
    while begin < end:
        stop = min(begin + pace.chunk_bytes, end)
        if pace.silent_at is not None and begin < pace.silent_at < stop:
            stop = pace.silent_at
        yield begin, stop
        begin = stop


class Downloads:
    """Refuses, as the storage does, whoever sends another proof beside the link's own."""

    def __init__(self, shelf: Shelf, links: Links, faults: Faults, settings: Settings) -> None:
        self._shelf = shelf
        self._links = links
        self._faults = faults
        self._now = settings.now
        self.routes = [Route(links.folder + "{path:path}", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            message = "Only one auth mechanism allowed"
            return replies.storage_error(400, "InvalidArgument", message)
        try:
            self._links.check(request.method, request.url.path, request.query_params)
        except Refused as refused:
            return replies.storage_error(403, refused.code, refused.message)
        edition = self._shelf.find(request.path_params["path"])
        if edition is None:
            return replies.storage_error(404, "NoSuchKey", "The specified key does not exist.")
        return await self._send(request, edition)

    async def _send(self, request: Request, edition: Edition) -> Response:
        for kind in (Kind.BUSY, Kind.BROKEN):
            if fault := self._strike(kind, edition):
                return replies.trouble(fault, "download", now=self._now())
        pace = self._pace(request, edition)
        if pace.silent_at == 0:
            await wait(request.receive, pace.silence_seconds)
        facts, content = await run_in_threadpool(self._shelf.take, edition)
        try:
            part = _part(request, facts)
        except OutOfRange:
            message = "The requested range is not satisfiable"
            return replies.storage_error(416, "InvalidRange", message)
        if part is None or part.start == 0:
            self._faults.spend(edition.faults)
        headers = self._headers(facts, part)
        body = memoryview(content)[part or slice(None)]
        return Transfer(body, status=206 if part else 200, headers=headers, pace=pace)

    def _pace(self, request: Request, edition: Edition) -> Pace:
        slow = self._strike(Kind.SLOW, edition)
        silence = self._strike(Kind.HANG, edition)
        cut = self._strike(Kind.CUT, edition)
        if expiry := self._strike(Kind.EXPIRED_LINK, edition, from_birth=False):
            self._links.revoke(request.query_params)
        cuts = [fault.bytes for fault in (cut, expiry) if fault]
        return Pace(
            chunk_bytes=max(1, slow.bytes) if slow else CHUNK_BYTES,
            pause_seconds=slow.seconds if slow else 0.0,
            cut_at=min(cuts, default=None),
            silent_at=silence.bytes if silence else None,
            silence_seconds=silence.seconds if silence else 0.0,
        )

    def _strike(
        self, kind: Kind, edition: Edition, *, from_birth: bool | None = None
    ) -> Fault | None:
        where = Where("download", edition.layout.name, edition.source.day)
        return self._faults.strike(kind, where, from_birth=from_birth)

    def _headers(self, facts: Facts, part: slice | None) -> Mapping[str, str]:
        begin, end = (part.start, part.stop) if part else (0, facts.size)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Length": str(end - begin),
            "ETag": facts.etag,
            "x-amz-request-id": identity(16, facts.sha256, begin, self._now()).upper(),
        }
        if part:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{facts.size}"
        return headers


def _part(request: Request, facts: Facts) -> slice | None:
    """None is all of it: also where more than one range is asked for, or of another edition."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or request.headers.get("if-range", facts.etag) != facts.etag:
        return None
    first, last = asked.groups()
    if first:
        part = slice(int(first), min(int(last) + 1, facts.size) if last else facts.size)
    else:
        part = slice(max(0, facts.size - int(last or 0)), facts.size)
    if part.start >= part.stop:
        raise OutOfRange
    return part
