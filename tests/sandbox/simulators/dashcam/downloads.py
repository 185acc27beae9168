"""Where videos, snapshots and tracks are downloaded: with links that expire, to any byte."""

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.sandbox.simulators.chance import identity
from tests.sandbox.simulators.dashcam.faults import Faults
from tests.sandbox.simulators.dashcam.files import Content, File, content
from tests.sandbox.simulators.dashcam.settings import Settings
from tests.sandbox.simulators.sentiance.patience import wait

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Transfer(Response):
    """Part of a file, as a stream; where it is cut, the answer is never completed."""

    def __init__(
        self, sent: Content, part: range, *, status: int, headers: Mapping[str, str], is_cut: bool
    ) -> None:
        super().__init__(b"", status, dict(headers))
        self._sent = sent
        self._part = part[: len(part) // 2] if is_cut else part
        self._is_cut = is_cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        if scope["method"] != "HEAD":
            for body in self._sent.between(self._part.start, self._part.stop):
                await send({"type": "http.response.body", "body": body, "more_body": True})
        if not self._is_cut:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class Downloads:
    """Knows the files that a link was made for."""

    def __init__(self, settings: Settings, faults: Faults) -> None:
        self._settings = settings
        self._faults = faults
        self._files: dict[str, File] = {}
        self.routes = [Route("/media/{name}", self.download, methods=["GET"])]

    def link(self, base: str, file: File) -> str:
        self._files[file.name] = file
        expires = int(self._settings.now() + self._settings.knobs.link_seconds)
        signature = self._signature(file.name, str(expires))
        return f"{base}media/{file.name}?expires={expires}&signature={signature}"

    async def download(self, request: Request) -> Response:
        name, query, path = request.path_params["name"], request.query_params, request.url.path
        expires = query.get("expires", "")
        is_ours = name in self._files and query.get("signature") == self._signature(name, expires)
        if not is_ours:
            return Response("the link is not one of ours", 403)
        is_expired = self._faults.strike("expired_url", "media", path)
        if is_expired or int(expires) <= self._settings.now():
            return Response("the link has expired", 403)
        for fault, status in (("busy", 429), ("error", 500)):
            if struck := self._faults.strike(fault, "media", path):
                again = {"Retry-After": f"{struck.seconds:g}"} if fault == "busy" else {}
                return Response("try again", struck.status or status, again)
        if slow := self._faults.strike("slow", "media", path):
            await wait(request.receive, slow.seconds)
        is_moved = "moved" in query
        if not is_moved and (moved := self._faults.strike("redirect", "media", path)):
            there = moved.url or str(request.url.include_query_params(moved=1))
            return Response(status_code=302, headers={"Location": there})
        return self._send(request, content(self._files[name]))

    def _send(self, request: Request, sent: Content) -> Response:
        part, status, path = range(sent.size), 200, request.url.path
        if asked := _RANGE.fullmatch(request.headers.get("range", "")):
            first, last = int(asked[1]), int(asked[2] or sent.size - 1)
            part, status = part[first : last + 1], 206
            if not part:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{sent.size}"})
        is_odd = self._faults.strike("wrong_type", "media", path)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Type": "text/html" if is_odd else sent.media_type,
            "Content-Length": str(len(part)),
        }
        if status == 206:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{sent.size}"
        is_cut = self._faults.strike("cut", "media", path) is not None
        return Transfer(sent, part, status=status, headers=headers, is_cut=is_cut)

    def _signature(self, name: str, expires: str) -> str:
        return identity(32, self._settings.seed, name, expires)
