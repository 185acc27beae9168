"""What VisionMax tells of events as they happen, and whose car it was.

A webhook tells at once, but names neither the event nor its driver: both are in the list of events.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from telematics import versions
from telematics.clips.impacts import Impact
from telematics.enrichment import envelope
from telematics.errors import MalformedPayload
from telematics.providers.dashcam import about, client, datasets, deliveries, records
from telematics.providers.dashcam.about import Event
from telematics.providers.dashcam.client import Dashcam

TRIGGERED = "EVENT_TRIGGERED"
_LISTS = frozenset({"event", "events"})  # calls that answer with events


class DashcamImpacts:
    """The account's events."""

    def __init__(self, api: Dashcam) -> None:
        self._api = api

    def whole(self, impact: Impact) -> Impact | None:
        """Both tell the same second."""
        listed = self._api.events(impact.at, impact.at + timedelta(seconds=1))
        found = (_of_event(one.body) for one in listed.elements)
        alike = (one for one in found if one and (one.device, one.at) == (impact.device, impact.at))
        return next((one for one in alike if one.kind == impact.kind), None)


def told(dataset: str, content: bytes) -> Sequence[Impact]:
    if dataset == datasets.WEBHOOK:
        return list(_delivered(content))
    try:
        kept = envelope.unpacked(content)
    except versions.NOT_READABLE:
        raise MalformedPayload("not what was documented") from None
    return [one for part in kept if part.asked in _LISTS for one in _listed(bytes(part.answer))]


def _delivered(content: bytes) -> Iterator[Impact]:
    message = deliveries.message(content)
    if message.hook == TRIGGERED and (found := _impact(message.members, "event_type")):
        yield found


def _listed(answer: bytes) -> Iterator[Impact]:
    data = records.decoded(answer).get("data")
    for members in data if isinstance(data, list) else ():
        if isinstance(members, dict) and (found := _impact(members, "type")):
            yield found


def _of_event(body: bytes) -> Impact | None:
    return _impact(records.decoded(body), "type")


def _impact(members: Mapping[str, Any], kind: str) -> Impact | None:
    """None for what has no time or names no camera."""
    event = Event.of(members)
    device = records.text_of(members.get("device_cid"))
    moment = about.seconds(members.get("timestamp"))
    if device is None or moment is None:
        return None
    return Impact(
        device=device,
        at=about.moment(moment),
        kind=records.text_of(members.get(kind)) or "",
        id=event.uuid if event else "",
        driver=(event.driver or "") if event else "",
    )


def connect(fields: Mapping[str, SecretStr], *, base_url: str) -> DashcamImpacts:
    return DashcamImpacts(client.connect_shared(fields, base_url=base_url))
