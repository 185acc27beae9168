"""Requests for footage over HTTP: what they say, and what they are answered."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr
from pydantic.config import JsonDict

from telematics import desk, http, tasks
from telematics.clips import claiming
from telematics.clips.clip import (
    Announced,
    Clip,
    Clips,
    Missing,
    Request,
    State,
    Stored,
    UnknownClip,
    Verdict,
)
from telematics.clips.wishes import MOST_DEADLINE_HOURS, MOST_SECONDS, Wish, wish
from telematics.desk import Told, described
from telematics.errors import UserBlocked
from telematics.observability import logger
from telematics.requesting import Conflict
from telematics.settings import settings

_CLIP_ID = re.compile(r"clip-[0-9a-f]{24}")
# What is wrong with these is said in words by `wish`: here they are only described.
_DEVICE: JsonDict = {"pattern": "^[!-.0-~]{1,100}$"}
_CAMERA: JsonDict = {"pattern": "^[A-Z0-9_]{1,20}$"}
_REASON: JsonDict = {"minLength": 1, "maxLength": 300}
_REQUESTER: JsonDict = {"minLength": 1, "maxLength": 100}
_DURATION: JsonDict = {"minimum": 1, "maximum": MOST_SECONDS}
_DEADLINE: JsonDict = {"exclusiveMinimum": 0, "maximum": MOST_DEADLINE_HOURS}


class ClipAsked(Told):
    """Which seconds of which camera, and why."""

    device: StrictStr = Field(json_schema_extra=described(_DEVICE))
    at: StrictStr | StrictInt = Field(description="A time with its zone, or UNIX seconds.")
    reason: StrictStr = Field(json_schema_extra=described(_REASON))
    camera: StrictStr | None = Field(default=None, json_schema_extra=described(_CAMERA))
    duration_s: StrictInt | None = Field(default=None, json_schema_extra=described(_DURATION))
    requester: StrictStr | None = Field(
        default=None,
        json_schema_extra=described(_REQUESTER),
        description="A role or a system; the role that signs the call where it is missing.",
    )
    deadline_hours: StrictFloat | None = Field(default=None, json_schema_extra=described(_DEADLINE))

    def wish(self, *, by: str, provider: str, now: datetime) -> Wish:
        """Raises InvalidRequest."""
        told = {"requester": by, **self.model_dump(exclude_none=True)}
        return wish(told, provider=provider, now=now)


class ClipTaken(Told):
    """`joined`: somebody else had asked for it before."""

    clip_id: str
    state: State
    joined: bool


class ClipShown(BaseModel):
    """Who works on it and how is nobody's business, a token least of all."""

    clip_id: str
    provider: str
    device: str
    camera: str
    at: datetime
    duration_s: int
    state: State
    requests: Sequence[Request]
    requested_at: datetime
    deadline_at: datetime
    provider_task: str
    asks: int
    polls: int
    failures: int
    refusals: int
    has_begun: bool
    cameras: Mapping[str, str]
    verdict: Verdict | None
    ends_as: State | None
    announced: Sequence[Announced]
    unstored: Mapping[str, str]
    videos: Sequence[Stored]
    missing: Sequence[Missing]
    reason: str
    ended_at: datetime | None

    @classmethod
    def of(cls, clip: Clip) -> "ClipShown":
        told = clip.model_dump(mode="json")
        return cls.model_validate({**told, "clip_id": told["task_id"]})


ClipId = Annotated[
    str,
    desk.decoded,
    Path(json_schema_extra={"pattern": f"^{_CLIP_ID.pattern}$"}),
]
router = desk.router({UserBlocked: 403, UnknownClip: 404, Conflict: 409})


@router.post(
    "/v1/clips",
    summary="Ask for footage, or join whoever asked before",
    tags=["clips"],
    status_code=202,
    responses=desk.answers(202, 403, 409, 503, telling="It is under way."),
)
def request_clip(
    asked: Annotated[ClipAsked, Body()], by: desk.Caller, key: desk.IdempotencyKey = ""
) -> ClipTaken:
    now = http.utc_now()
    wanted = asked.wish(by=by, provider=settings().provider, now=now)
    claimed = claiming.deployed().request(wanted, now=now, key=key.strip())
    clip = claimed.clip
    logger.info("clip requested", extra={"clip_id": clip.task_id, "joined": claimed.joined})
    return ClipTaken(clip_id=clip.task_id, state=clip.state, joined=claimed.joined)


@router.get(
    "/v1/clips/<clip_id>",
    summary="How a clip stands: what is there, what is missing, and why",
    tags=["clips"],
    responses=desk.answers(200, 404, telling="As it is now."),
)
def show_clip(clip_id: ClipId) -> ClipShown:
    found = Clips(tasks.deployed()).get(clip_id) if _CLIP_ID.fullmatch(clip_id) else None
    if found is None:
        raise UnknownClip("there is no such clip")
    return ClipShown.of(found)
