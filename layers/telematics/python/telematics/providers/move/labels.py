"""Labels for trips of MOVE: the provider changes the type of the timeline item."""

from collections.abc import Mapping

import msgspec
from pydantic import SecretStr

from telematics import http
from telematics.errors import Forbidden, NotFound
from telematics.http import Patience
from telematics.labels import Labelled
from telematics.providers.move import client
from telematics.providers.move.answers import WHO
from telematics.providers.move.client import Move
from telematics.providers.move.trip_id import TripId

DATASET = "timeline_items"
# Somebody waits, at most 30 seconds: two attempts fit.
PATIENCE = Patience(attempts=2, total_wait_seconds=5.0)


class _Typed(msgspec.Struct, frozen=True):
    type: str | None = None


class MoveLabels:
    """The desk's way to MOVE."""

    def __init__(self, api: Move) -> None:
        self._api = api

    def label(self, trip_id: str, label: str) -> Labelled:
        trip = TripId.parse(trip_id)
        if trip.product != self._api.product_id:
            raise NotFound("the trip is of another product than the one that is configured")
        try:
            body = self._api.label(trip, label).body
        except NotFound:
            raise NotFound(f"{WHO} knows no such trip") from None
        except Forbidden:
            raise Forbidden(
                f"{WHO} answered 403: the person is blocked there, or the key may not"
            ) from None
        return Labelled(type=_type(body), dataset=DATASET, day=trip.start.date(), body=body)


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> MoveLabels:
    return MoveLabels(
        client.connect(fields, base_url=base_url, client=http.prompt(), patience=PATIENCE)
    )


def _type(body: bytes) -> str | None:
    try:
        return msgspec.json.decode(body, type=_Typed).type
    except ValueError:
        return None
