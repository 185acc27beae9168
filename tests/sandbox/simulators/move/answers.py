"""Answers: as JSON, refused, or cut off in the middle."""

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Refused(Exception):
    """The provider says no; how it words that is not documented."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def response(self) -> Response:
        answer = json({"message": str(self)}, self.status)
        answer.headers.update(self.headers)
        return answer


class Cut(Response):
    """The server goes away after half of what it promised."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
