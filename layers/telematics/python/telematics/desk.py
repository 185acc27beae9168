"""What every call of the private API shares: who calls, how it is read, and how it is refused."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, unquote

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
    ResponseValidationError,
)
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.event_handler.request import Request
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.config import JsonDict

from telematics.errors import (
    Busy,
    Forbidden,
    InvalidRequest,
    MissingSetting,
    NotFound,
    ProviderBusy,
    ProviderRefused,
    TelematicsError,
)
from telematics.events import NotAnnounced
from telematics.observability import logger

HttpEvent = Mapping[str, Any]  # Any: API Gateway's payload 2.0 has many shapes
HttpResponse = dict[str, Any]  # Any: as Powertools answers
Refusals = Mapping[type[TelematicsError], int]

PROBLEM = "application/problem+json"
LONGEST_KEY = 255
RETRY_AFTER_SECONDS = 5
# What may go wrong in any call; each desk adds what is its own.
REFUSALS: Refusals = {
    InvalidRequest: 400,
    Forbidden: 403,
    NotFound: 404,
    ProviderRefused: 422,
    ProviderBusy: 503,
    MissingSetting: 503,
    Busy: 503,
    NotAnnounced: 503,
}
_ROLE = re.compile(
    r"arn:[\w-]+:(?:sts|iam)::\d*:(?:assumed-role|role)/(?:[^/]+/)*?(?P<name>[^/]+)(?:/|$)"
)
_NAMED = re.compile(r"\{(\w+)\}")


class Amiss(BaseModel):
    """One field that is not as it should be; what was in it is not told."""

    field: str
    reason: str


class Problem(BaseModel):
    """Why a call was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: Sequence[Amiss] | None = None


class Told(BaseModel):
    """A body of ours: what nobody declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def caller(event: HttpEvent) -> str:
    """The role that signed the request: never the session, which may be called like a person."""
    iam = event.get("requestContext", {}).get("authorizer", {}).get("iam", {})
    found = _ROLE.match(str(iam.get("userArn", "")))
    return found["name"] if found else "api"


def _caller(request: Request) -> str:
    return caller(request.resolved_event.raw_event)


Caller = Annotated[str, Depends(_caller)]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=LONGEST_KEY,
        pattern="^[ -~]*$",
        description="The same key stands for the same call, however often it is made.",
    ),
]
# `answer` spells the path that routes are found by; what stands in it is read with this:
# `Annotated[str, StringConstraints(max_length=100), desk.decoded, Path()]`.
decoded = BeforeValidator(unquote)


def router(refusals: Refusals = REFUSALS, *, later_seconds: int = RETRY_AFTER_SECONDS) -> Router:
    """Where the calls of one desk are declared: `@router.post("/v1/clips", status_code=202)`."""
    made = Router()  # type: ignore[no-untyped-call]  # Powertools does not say what it takes
    for kind, status in {**REFUSALS, **refusals}.items():
        made.exception_handler(kind)(_refusing(status, later_seconds))
    return made


def described(told: JsonDict) -> Callable[[JsonDict], None]:
    """For a field's `json_schema_extra`. Where null may stand in its place, the other is meant."""

    def describe(schema: JsonDict) -> None:
        kinds = schema.get("anyOf")
        first = kinds[0] if isinstance(kinds, list) else schema
        if isinstance(first, dict):
            first.update(told)

    return describe


def answers(done: int, *refused: int, telling: str = "It is done.") -> dict[int, Any]:
    """A route's `responses`; Any: what Powertools calls their type is no mapping."""
    problems = {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"model": Problem}},
        }
        for status in (400, *refused)
    }
    return {done: {"description": telling}, **problems}


def answer(event: HttpEvent, context: LambdaContext, *, by: Router) -> HttpResponse:
    """What the desk says; faults that are nobody's refusal are raised."""
    route = str(event.get("routeKey", ""))
    try:
        told = resolver(by).resolve(_readable(event, route), context)
    except (UnicodeDecodeError, binascii.Error):
        refused = problem(400, "invalid-request", "the body is not text")
        told = {"statusCode": 400, "headers": {"Content-Type": PROBLEM}, "body": refused.body}
    told["statusCode"] = int(told["statusCode"])
    logger.info("call answered", extra={"route": route, "status": told["statusCode"]})
    return told


@cache
def resolver(*routers: Router) -> APIGatewayHttpResolver:
    """What is asked for is checked before a route sees it, and what a route says before it goes."""
    app = APIGatewayHttpResolver(
        enable_validation=True,
        response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
        json_body_deserializer=_json_object,
    )
    app.exception_handler(NotFoundError)(_unknown)
    app.exception_handler(RequestValidationError)(_senseless)
    app.exception_handler(ResponseValidationError)(_our_fault)
    for one in routers:
        app.include_router(one)
    return app


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[Amiss] | None = None,
    retry_after: int | None = None,
) -> Response[str]:
    told = Problem(
        type=f"urn:telematics:{kind}",
        title=kind.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        errors=errors,
    )
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(
        status_code=status,
        content_type=PROBLEM,
        body=told.model_dump_json(exclude_none=True),
        headers=dict(headers),
    )


def _refusing(status: int, later_seconds: int) -> Callable[[TelematicsError], Response[str]]:
    def refuse(error: TelematicsError) -> Response[str]:
        wanted = error.retry_after_seconds if isinstance(error, ProviderBusy) else None
        later = later_seconds if wanted is None else math.ceil(wanted)
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
        logger.warning("call refused", extra={"status": status, "kind": kind})
        return problem(status, kind, str(error), retry_after=later if status == 503 else None)

    return refuse


def _senseless(error: RequestValidationError) -> Response[str]:
    """Which fields, and what would be right; never what was in them."""
    errors = [_amiss(one) for one in error.errors()]
    detail = "; ".join(f"{one.field}: {one.reason}" for one in errors[:5])
    logger.warning("call refused", extra={"status": 400, "kind": "invalid-request"})
    return problem(400, "invalid-request", detail, errors=errors)


def _amiss(told: Mapping[str, Any]) -> Amiss:  # Any: as pydantic tells it
    where = [str(one) for one in told["loc"][1:]] or ["body"]
    reason = str(told["msg"]).removeprefix("Value error, ")
    if told["type"] == "json_invalid":
        where, reason = ["body"], "it is not a JSON object"
    return Amiss(field=".".join(where)[:100], reason=reason)


def _our_fault(error: ResponseValidationError) -> Response[str]:
    where = [[str(part) for part in one["loc"]] for one in error.errors()]
    logger.error("an answer was not as it is described", extra={"where": where})
    return problem(500, "internal-error", "we made an answer that we do not promise")


def _unknown(_: NotFoundError) -> Response[str]:
    return problem(404, "not-found", "there is no such call")


def _readable(event: HttpEvent, route: str) -> HttpEvent:
    """The body as JSON text, whatever its sender called it, and a path that tells its parts apart.

    API Gateway hands over the path decoded: a slash in a name would be another segment.
    """
    body = event.get("body")
    if body and event.get("isBase64Encoded"):
        body = base64.b64decode(body, validate=True).decode()
    headers = {k: v for k, v in (event.get("headers") or {}).items() if k.lower() != "content-type"}
    told = {**event, "body": body, "isBase64Encoded": False, "headers": headers}
    named = event.get("pathParameters") or {}
    if " " in route:
        path = route.split(" ", 1)[1]
        told["rawPath"] = _NAMED.sub(lambda one: quote(named.get(one[1], ""), safe=""), path)
    return told


def _json_object(text: str) -> dict[str, Any]:  # Any: JSON
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (ValueError, RecursionError):
        raise json.JSONDecodeError("not a JSON object", "", 0) from None
