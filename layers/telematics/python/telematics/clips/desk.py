"""Requests for footage over HTTP: what they say, and what they are answered."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict

import msgspec

from telematics.clips.claiming import Claimed, Conflict
from telematics.clips.clip import Clip, UnknownClip
from telematics.clips.wishes import Wish, wish
from telematics.errors import Busy, InvalidRequest, TelematicsError
from telematics.events import NotAnnounced

LONGEST_KEY = 255
RETRY_AFTER_SECONDS = 5
FIELDS = frozenset({"device", "at", "camera", "duration_s", "requester", "reason"})
# Who works on it and how is nobody's business, a token least of all.
HIDDEN = {"wait_token", "runner", "asking_until", "revision", "is_announced"}
_ROLE = re.compile(
    r"arn:[\w-]+:(?:sts|iam)::\d*:(?:assumed-role|role)/(?:[^/]+/)*?(?P<name>[^/]+)(?:/|$)"
)
_CLIP_ID = re.compile(r"clip-[0-9a-f]{24}")


class HttpEvent(TypedDict, total=False):
    """What we read of an event of API Gateway, payload 2.0."""

    pathParameters: Mapping[str, str]
    headers: Mapping[str, str]
    requestContext: Mapping[str, Any]  # Any: of many shapes
    body: str | None
    isBase64Encoded: bool


class HttpResponse(TypedDict):
    """What it answers then."""

    statusCode: int
    headers: Mapping[str, str]
    body: NotRequired[str]


def asked(event: HttpEvent, *, provider: str, now: datetime) -> tuple[Wish, str]:
    """What is wanted, and the idempotency key. Raises InvalidRequest."""
    told = _body(event)
    if unknown := sorted(told.keys() - FIELDS):
        raise InvalidRequest(f"a request has no {', '.join(unknown)[:100]}")
    told = {"requester": caller(event), **{k: v for k, v in told.items() if v is not None}}
    return wish(told, provider=provider, now=now), _key(event)


def caller(event: HttpEvent) -> str:
    """The role that signed the request: never the session, which may be called like a person."""
    iam = event.get("requestContext", {}).get("authorizer", {}).get("iam", {})
    found = _ROLE.match(str(iam.get("userArn", "")))
    return found["name"] if found else "api"


def taken(claimed: Claimed) -> HttpResponse:
    clip = claimed.clip
    told = {"clip_id": clip.task_id, "state": clip.state, "joined": claimed.joined}
    return _response(202, told)


def clip_id(event: HttpEvent) -> str:
    """Raises UnknownClip for what is no id of one."""
    found = (event.get("pathParameters") or {}).get("clip_id", "")
    if not _CLIP_ID.fullmatch(found):
        raise UnknownClip("there is no such clip")
    return found


def shown(clip: Clip | None) -> HttpResponse:
    if clip is None:
        return refusal(UnknownClip("there is no such clip"))
    told = clip.model_dump(mode="json", exclude=HIDDEN)
    return _response(200, {"clip_id": told.pop("task_id"), **told})


_STATUSES: Mapping[type[TelematicsError], int] = {
    InvalidRequest: 400,
    UnknownClip: 404,
    Conflict: 409,
    Busy: 503,
    NotAnnounced: 503,
}
REFUSALS = tuple(_STATUSES)


def refusal(error: TelematicsError) -> HttpResponse:
    """`error` is one of REFUSALS."""
    status = next(code for kind, code in _STATUSES.items() if isinstance(error, kind))
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    return _response(status, {"message": str(error)}, headers)


def _body(event: HttpEvent) -> dict[str, Any]:
    text = event.get("body") or ""
    try:
        content = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
        return msgspec.json.decode(content, type=dict[str, Any])
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidRequest(
            'the body is not a JSON object like {"device": "...", "at": "2024-03-05T07:12:30Z",'
            ' "reason": "..."}'
        ) from None


def _key(event: HttpEvent) -> str:
    headers = {name.lower(): one for name, one in (event.get("headers") or {}).items()}
    key = headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise InvalidRequest(f"Idempotency-Key has at most {LONGEST_KEY} characters")
    return key


def _response(
    status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
    }
