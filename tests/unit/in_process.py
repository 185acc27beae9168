"""An ASGI application as an httpx transport: no socket, and cut connections look like the real."""

import asyncio
from collections.abc import Iterator

import httpx
from starlette.types import ASGIApp, Message


class InProcess(httpx.BaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        exchange = Exchange(request)
        asyncio.run(exchange.run(self._app))
        body = Body(exchange.body, is_whole=exchange.is_whole)
        return httpx.Response(exchange.status, headers=exchange.headers, stream=body)


class Body(httpx.SyncByteStream):
    def __init__(self, chunks: list[bytes], *, is_whole: bool) -> None:
        self._chunks = chunks
        self._is_whole = is_whole

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        if not self._is_whole:
            raise httpx.RemoteProtocolError("peer closed connection")


class Exchange:
    """One request and what came of it."""

    def __init__(self, request: httpx.Request) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.is_whole = False
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port or 80),
        }
        self._request = [{"type": "http.request", "body": request.content, "more_body": False}]

    async def run(self, app: ASGIApp) -> None:
        await app(self._scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if self._request:
            return self._request.pop()
        await asyncio.Event().wait()  # nobody hangs up
        raise AssertionError

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = message["headers"]
        else:
            self.body.append(message["body"])
            self.is_whole = not message.get("more_body", False)
