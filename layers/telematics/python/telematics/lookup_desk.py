"""Lookups over HTTP: whom and what they name is in the body, since paths are written into logs."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field, StrictStr

from telematics import desk, lookups
from telematics.catalog import PROVIDERS
from telematics.collisions.drivers import NotLinked
from telematics.desk import Told
from telematics.errors import InvalidRequest, UserBlocked
from telematics.observability import logger
from telematics.users.user import UserGone

RETRY_AFTER_SECONDS = 30
LONGEST = 100


class LookupAsked(Told):
    """`user_id` is ours, or the provider's own; `id` is the provider's."""

    kind: StrictStr = Field(description="What it is, like trip.")
    user_id: StrictStr = Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST})
    id: StrictStr = Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST})


class LookupTaken(Told):
    """The answer is in raw, and soon in the lake."""

    kind: str
    dataset: str
    raw_key: str
    bytes: int


router = desk.router(
    {UserBlocked: 403, UserGone: 403, NotLinked: 409}, later_seconds=RETRY_AFTER_SECONDS
)


def look_up(asked: Annotated[LookupAsked, Body()]) -> LookupTaken:
    """Ask the provider for one thing, and keep what it answers."""
    for name, text in (("user_id", asked.user_id), ("id", asked.id)):
        if not (0 < len(text) <= LONGEST and text.isprintable()):
            raise InvalidRequest(f"{name} has 1 to {LONGEST} printable characters")
    found = lookups.deployed().look_up(asked.kind, asked.user_id, asked.id)
    logger.info("looked up", extra={"kind": asked.kind, "bytes": found.bytes})
    return LookupTaken(
        kind=asked.kind, dataset=found.dataset, raw_key=found.raw_key, bytes=found.bytes
    )


for _provider in PROVIDERS.values():
    if _provider.lookups:
        router.post(
            f"/v1/lookups/{_provider.name}",
            summary=f"Read one thing of one person from {_provider.title} into the lake",
            tags=["lookups"],
            responses=desk.answers(200, 403, 404, 409, 422, 503, telling="It is kept in raw."),
        )(look_up)
