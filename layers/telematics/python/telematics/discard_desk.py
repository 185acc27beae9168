"""Discarding over HTTP: which event, and why."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import StrictStr, StringConstraints

from telematics import desk, discarding
from telematics.catalog import PROVIDERS
from telematics.desk import Told

LONGEST_ID, LONGEST_REASON = 100, 300
EventId = Annotated[str, StringConstraints(max_length=LONGEST_ID), desk.decoded, Path()]
Reason = Annotated[
    StrictStr,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00-\x1f]+$"
    ),
]
router = desk.router()


class DiscardAsked(Told):
    """Why; it stays on record."""

    reason: Reason


class DiscardDone(Told):
    """`again`: it had been discarded before, and nothing was asked of the provider."""

    event: str
    again: bool


def discard_event(
    event: EventId, asked: Annotated[DiscardAsked, Body()], by: desk.Caller
) -> DiscardDone:
    """Irreversible: the provider keeps nothing of it."""
    is_new = discarding.deployed().discard(event, by=by, reason=asked.reason)
    return DiscardDone(event=event, again=not is_new)


for _provider in PROVIDERS.values():
    if _provider.discards:
        router.post(
            f"/v1/{_provider.name}/events/<event>/discard",
            summary=f"Have {_provider.title} discard an event, for good",
            tags=["events"],
            responses=desk.answers(200, 403, 404, 422, 503, telling="It is no longer there."),
        )(discard_event)
