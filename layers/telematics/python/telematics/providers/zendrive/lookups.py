"""One collision or one trip of Zendrive's, for somebody who names it."""

from collections.abc import Mapping
from datetime import UTC, date

from pydantic import SecretStr

from telematics import http
from telematics.errors import Forbidden, InvalidRequest, NotFound
from telematics.http import Patience
from telematics.lookups import Found
from telematics.providers.zendrive import about, client
from telematics.providers.zendrive.about import Subject
from telematics.providers.zendrive.api import WHO
from telematics.providers.zendrive.client import Zendrive

COLLISION, TRIP = "collision", "trip"
KINDS = (COLLISION, TRIP)
# Somebody waits, at most 30 seconds: two attempts fit.
PATIENCE = Patience(attempts=2, total_wait_seconds=5.0)


class ZendriveLookups:
    """The desk's way to Zendrive."""

    def __init__(self, api: Zendrive) -> None:
        self._api = api

    def look_up(self, kind: str, person: str, id: str, *, today: date) -> Found:
        """Ids are times in milliseconds: the day of one that isn't is `today`."""
        if not (id.isascii() and id.isalnum()):
            raise InvalidRequest(f"the id of a {kind} has letters and digits only")
        read = self._api.collision if kind == COLLISION else self._api.trip
        try:
            answer = read(person, id)
        except NotFound:
            raise NotFound(f"{WHO} knows no such {kind} of that driver") from None
        except Forbidden:
            raise Forbidden(f"{WHO} answered 403: its key may not read this") from None
        moment = about.moment(id)
        return Found(
            asked=kind,
            subject=str(Subject(person, id)),
            dataset=f"{kind}_reads",
            day=moment.astimezone(UTC).date() if moment else today,
            body=answer.body,
        )


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> ZendriveLookups:
    return ZendriveLookups(
        client.connect(fields, base_url=base_url, client=http.prompt(), patience=PATIENCE)
    )
