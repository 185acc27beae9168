"""What the private API offers, as OpenAPI: made from the routes themselves, of all desks."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

from telematics import desk, discard_desk, label_desk, lookup_desk
from telematics.clips import desk as clip_desk
from telematics.collisions import desk as collision_desk
from telematics.desk import PROBLEM
from telematics.users import desk as user_desk

Json: TypeAlias = dict[str, Any]  # Any: a document of many shapes

TITLE, VERSION = "Telematics Lake: the access desk", "1"
ABOUT = """Every call is signed for IAM (Signature Version 4, service `execute-api`), and logged as
the role that signed it. What is refused is told as problem details (RFC 9457); a `type` is
`urn:telematics:` and the kind of refusal."""
ROUTERS = (
    user_desk.router,
    clip_desk.router,
    collision_desk.router,
    discard_desk.router,
    label_desk.router,
    lookup_desk.router,
)
SIGNED = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
# What API Gateway says itself, before any function runs.
GATEWAY = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
_OWN_WORDS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")

router = desk.router()


@router.get(
    "/v1/openapi.json",
    summary="This document",
    tags=["about"],
    responses={200: {"description": "OpenAPI 3.1."}},
)
def describe() -> Json:
    return document()


@cache
def document() -> Json:
    app = desk.resolver(*ROUTERS, router)
    told: Json = json.loads(
        app.get_openapi_json_schema(title=TITLE, version=VERSION, description=ABOUT)
    )
    told["components"]["securitySchemes"] = {"sigv4": SIGNED}
    told["security"] = [{"sigv4": []}]
    for name in _OWN_WORDS:
        told["components"]["schemas"].pop(name, None)
    for operation in _operations(told):
        _refused(operation["responses"])
    return told


def _operations(told: Json) -> Iterator[Json]:
    for path in told["paths"].values():
        yield from path.values()


def _refused(responses: Json) -> None:
    """As it is refused here, in place of what Powertools would say, and by API Gateway."""
    for code in ("422", "500"):
        if PROBLEM not in responses.get(code, {}).get("content", {}):
            responses.pop(code, None)
    by_gateway = {"application/json": {"schema": GATEWAY}}
    refused = responses.setdefault("403", {"description": "The signature, or what it may do."})
    refused["content"] = {**refused.get("content", {}), **by_gateway}
    responses["429"] = {"description": "Too many calls.", "content": by_gateway}
    ours = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses["500"] = {"description": "Our fault.", "content": {**ours, **by_gateway}}
