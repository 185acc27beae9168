"""The private API within the process: requests become events, and desks answer them."""

import re
from collections.abc import Awaitable, Callable, Iterator

from aws_lambda_powertools.event_handler.api_gateway import Router
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telematics import desk, openapi
from tests.unit.lambda_call import Context
from tests.unit.private_call import ROLE

ROUTERS = (*openapi.ROUTERS, openapi.router)


def create() -> Starlette:
    """Every route of every desk, as API Gateway has them."""
    return Starlette(routes=list(_routes()))


def _routes() -> Iterator[Route]:
    for router in ROUTERS:
        for rule, methods, *_ in router._routes:
            path = re.sub(r"<(\w+)>", r"{\1}", rule)
            yield Route(path, _answering(router, path), methods=list(methods))


def _answering(router: Router, path: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        event = await _event(request, f"{request.method} {path}")
        told = desk.answer(event, Context(), by=router)
        headers = dict(told["headers"])
        return Response(told["body"], told["statusCode"], headers)

    return answer


async def _event(request: Request, route: str) -> dict[str, object]:
    body = await request.body()
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.url.path,
        "rawQueryString": request.url.query,
        "queryStringParameters": dict(request.query_params),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "pathParameters": dict(request.path_params),
        "requestContext": {
            "stage": "$default",
            "requestId": "request-1",
            "http": {"method": request.method, "path": request.url.path},
            "authorizer": {"iam": {"userArn": ROLE}},
        },
        "body": body.decode("utf-8", "replace") if body else None,
        "isBase64Encoded": False,
    }
