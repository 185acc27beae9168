"""Labels over HTTP: what somebody says a trip was, and what it is called now."""

import re
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import Field, StrictStr

from telematics import desk, labels
from telematics.catalog import PROVIDERS
from telematics.desk import Told
from telematics.errors import InvalidRequest, UserBlocked
from telematics.observability import logger

RETRY_AFTER_SECONDS = 30
# No provider's reference lists the labels it takes: this is how all that it shows are spelt.
_LABEL = re.compile(r"[A-Z0-9_]{1,40}")


class LabelAsked(Told):
    """What the trip is to be called."""

    label: StrictStr = Field(json_schema_extra={"pattern": f"^{_LABEL.pattern}$"})


class LabelGiven(Told):
    """`type` is what the provider calls it now."""

    trip_id: str
    label: str
    type: str | None


TripId = Annotated[str, desk.decoded, Path()]
router = desk.router({UserBlocked: 403}, later_seconds=RETRY_AFTER_SECONDS)


def label_trip(trip_id: TripId, asked: Annotated[LabelAsked, Body()]) -> LabelGiven:
    """Say what a trip really was."""
    if not _LABEL.fullmatch(asked.label):
        raise InvalidRequest(
            "the label is none: it has at most 40 capital letters, digits and underscores, like CAR"
        )
    labelled = labels.deployed().label(trip_id, asked.label)
    logger.info("trip labelled", extra={"label": asked.label, "type": labelled.type})
    return LabelGiven(trip_id=trip_id, label=asked.label, type=labelled.type)


for _provider in PROVIDERS.values():
    if _provider.labels_trips:
        router.patch(
            f"/v1/trips/{_provider.name}/<trip_id>/label",
            summary=f"Tell {_provider.title} what a trip really was",
            tags=["trips"],
            responses=desk.answers(200, 403, 404, 422, 503, telling="The trip as it is now."),
        )(label_trip)
