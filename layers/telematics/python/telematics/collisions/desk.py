"""Requests for details of collisions over HTTP: what they say, and what they are answered."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr
from pydantic.config import JsonDict

from telematics import desk, http, tasks
from telematics.collisions import claiming
from telematics.collisions.collision import (
    Answer,
    Collision,
    Collisions,
    State,
    UnknownCollision,
)
from telematics.collisions.drivers import NotLinked
from telematics.collisions.wishes import LATITUDES, LONGITUDES, Wish, wish
from telematics.desk import Told, described
from telematics.errors import UserBlocked
from telematics.observability import logger
from telematics.requesting import Conflict, Request
from telematics.settings import settings
from telematics.users.user import UnknownUser, UserGone

_COLLISION_ID = re.compile(r"collision-[0-9a-f]{24}")
# What is wrong with these is said in words by `wish`: here they are only described.
_USER: JsonDict = {"minLength": 1, "maxLength": 100}
_DATE: JsonDict = {"format": "date"}
_CLAIM: JsonDict = {"minLength": 1, "maxLength": 300}
_LATITUDE: JsonDict = {"minimum": -LATITUDES, "maximum": LATITUDES}
_LONGITUDE: JsonDict = {"minimum": -LONGITUDES, "maximum": LONGITUDES}
Degrees = StrictFloat | StrictInt | None


class CollisionAsked(Told):
    """Of whom, around which day, and for which claim. Time and place tell impacts apart."""

    user_id: StrictStr = Field(json_schema_extra=described(_USER))
    date: StrictStr = Field(json_schema_extra=described(_DATE))
    claim: StrictStr = Field(json_schema_extra=described(_CLAIM))
    at: StrictStr | StrictInt | None = Field(
        default=None, description="A time with its zone, or UNIX milliseconds."
    )
    latitude: Degrees = Field(default=None, json_schema_extra=described(_LATITUDE))
    longitude: Degrees = Field(default=None, json_schema_extra=described(_LONGITUDE))
    requester: StrictStr | None = Field(
        default=None,
        json_schema_extra=described(_USER),
        description="A role or a system; the role that signs the call where it is missing.",
    )

    def wish(self, *, by: str, provider: str, now: datetime) -> Wish:
        """Raises InvalidRequest."""
        told = {"requester": by, **self.model_dump(exclude_none=True)}
        return wish(told, provider=provider, now=now)


class CollisionTaken(Told):
    """`joined`: somebody else had asked for it before."""

    collision_id: str
    state: State
    joined: bool


class CollisionShown(BaseModel):
    """Addresses and tokens are nobody's business."""

    collision_id: str
    provider: str
    user_id: str
    date: date
    at: datetime | None
    latitude: Decimal | None
    longitude: Decimal | None
    claim: str
    state: State
    requests: Sequence[Request]
    requested_at: datetime
    asks: int
    failures: int
    answers: Sequence[Answer]
    reason: str
    ended_at: datetime | None

    @classmethod
    def of(cls, collision: Collision) -> "CollisionShown":
        told = collision.model_dump(mode="json")
        return cls.model_validate({**told, "collision_id": told["task_id"], "date": told["day"]})


CollisionId = Annotated[
    str,
    desk.decoded,
    Path(json_schema_extra={"pattern": f"^{_COLLISION_ID.pattern}$"}),
]
router = desk.router(
    {
        UserBlocked: 403,
        UserGone: 403,
        UnknownUser: 404,
        UnknownCollision: 404,
        NotLinked: 409,
        Conflict: 409,
    }
)


@router.post(
    "/v1/collisions",
    summary="Ask for all that is known of somebody around a day, or join whoever asked before",
    tags=["collisions"],
    status_code=202,
    responses=desk.answers(202, 403, 404, 409, 503, telling="It is under way."),
)
def request_collision(
    asked: Annotated[CollisionAsked, Body()], by: desk.Caller, key: desk.IdempotencyKey = ""
) -> CollisionTaken:
    now = http.utc_now()
    wanted = asked.wish(by=by, provider=settings().provider, now=now)
    claimed = claiming.deployed().request(wanted, now=now, key=key.strip())
    found = claimed.collision
    told = {"collision_id": found.task_id, "joined": claimed.joined}
    logger.info("collision requested", extra=told)
    return CollisionTaken(collision_id=found.task_id, state=found.state, joined=claimed.joined)


@router.get(
    "/v1/collisions/<collision_id>",
    summary="How a request stands: whether an answer came, and if not, why",
    tags=["collisions"],
    responses=desk.answers(200, 404, telling="As it is now."),
)
def show_collision(collision_id: CollisionId) -> CollisionShown:
    is_id = _COLLISION_ID.fullmatch(collision_id)
    found = Collisions(tasks.deployed()).get(collision_id) if is_id else None
    if found is None:
        raise UnknownCollision("there is no such collision")
    return CollisionShown.of(found)
