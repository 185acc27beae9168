"""What the API answered at once, of one collision or of one trip."""

from datetime import date

from telematics.enrichment import envelope
from telematics.enrichment.envelope import Kept
from telematics.errors import MalformedPayload
from telematics.providers.zendrive import data, records, telling
from telematics.providers.zendrive.about import Subject
from telematics.providers.zendrive.telling import Telling
from telematics.versions import Contents


def read(found: Contents, body: bytes, *, day: date) -> None:
    for kept in envelope.unpacked(body):
        with telling.aside(found, None, kept.answer):
            _told(found, kept, day)


def _told(found: Contents, kept: Kept, day: date) -> None:
    """What is told may stand in `data`, or by itself."""
    subject = Subject.parse(kept.trip or "")
    answer = records.members(kept.answer)
    told = answer | records.optional_members(answer.pop("data", None))
    here = Telling(found, subject.driver, kept.asked, kept.fetched_at, day)
    identity = told.pop("trip_id", None)
    trip_id = None if identity is None else records.text_of(records.value(identity))
    match kept.asked:
        case "trip":
            data.read(here, told, tells=telling.SCORED, trip_id=trip_id or subject.id)
        case "collision":
            tells = telling.ALL_OF_IT
            data.read(here, told, tells=tells, trip_id=trip_id, collision_id=subject.id)
        case _:
            raise MalformedPayload("an answer to a call that nobody knows")
