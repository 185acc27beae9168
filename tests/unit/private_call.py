"""A call of the private API, as API Gateway tells it to a function, and the answer."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

ROLE = "arn:aws:sts::111111111111:assumed-role/ClaimsDesk/dana.driver@insurer.example"
PROBLEM = "application/problem+json"


def event(
    route: str,
    body: object = None,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    role: str = ROLE,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`route` is like `PUT /v1/hats/{name}`; a body that is no text is told as JSON."""
    method, template = route.split()
    called = re.sub(r"\{(\w+)\}", lambda one: (path or {})[one[1]], template)
    spelt = {name.replace("_", "-").lower(): one for name, one in (headers or {}).items()}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": called,
        "rawQueryString": "&".join(f"{name}={one}" for name, one in (query or {}).items()),
        "queryStringParameters": dict(query or {}),
        "headers": {"content-type": "application/json", **spelt},
        "pathParameters": dict(path or {}),
        "requestContext": {
            "stage": "$default",
            "requestId": "request-1",
            "http": {"method": method, "path": called},
            "authorizer": {"iam": {"userArn": role}},
        },
        "body": body if isinstance(body, str | None) else json.dumps(body),
        "isBase64Encoded": False,
    }


class Answered(NamedTuple):
    """What came back."""

    status: int
    told: dict[str, Any]  # Any: JSON
    headers: Mapping[str, str]


def answered(response: Mapping[str, Any]) -> Answered:
    """A success is plain JSON; what is refused is a problem that says its own status."""
    status, told = response["statusCode"], json.loads(response["body"])
    kind = response["headers"]["Content-Type"]
    assert kind == ("application/json" if status < 400 else PROBLEM)
    assert status < 400 or told["status"] == status
    return Answered(status, told, response["headers"])
