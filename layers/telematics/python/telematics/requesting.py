"""Requests for one task: who asked, when, and which of them are the same one again."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from telematics.errors import TelematicsError

MOST_REQUESTS = 500  # an item of the table has at most 400 KB


class Conflict(TelematicsError):
    """The idempotency key was used for another request."""


class Request(BaseModel):
    """Who wants it, as a role or a system."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    requester: str
    requested_at: datetime
    idempotency_key: str = ""


R = TypeVar("R", bound=Request)


def is_known(requests: Sequence[R], request: R) -> bool:
    key = request.idempotency_key
    return bool(key) and any(one.idempotency_key == key for one in requests)


def noted(requests: Sequence[R], request: R) -> tuple[R, ...]:
    """The same request again is noted once."""
    if is_known(requests, request) or len(requests) >= MOST_REQUESTS:
        return tuple(requests)
    return (*requests, request)
