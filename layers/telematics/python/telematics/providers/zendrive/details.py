"""The answer about a collision, which Zendrive calls us back with: all it knows of three days."""

from datetime import date, datetime

import msgspec

from telematics.datasets import PERSON
from telematics.errors import MalformedPayload
from telematics.providers.zendrive import datasets, points, records, telling
from telematics.providers.zendrive.telling import TAKEN, Members, Telling
from telematics.versions import Contents

TOLD_BY = "collision_detail"
OF_ALL = frozenset({"trip_info", "auth_data", "heartbeat", "user_id", "date"})
OF_A_TRIP = frozenset({"trip", "events", "collision_info", "raw_gps"})
_HEARTBEAT = telling.sources(datasets.HEARTBEAT) | {"user_id"}


def read(found: Contents, body: bytes, *, day: date, fetched_at: datetime) -> None:
    """Raises MalformedPayload where nothing at all can be read."""
    members = records.members(body)
    known = records.values({name: members[name] for name in ("user_id", "date") if name in members})
    driver = records.text_of(known.get("user_id"))
    if driver is None:
        raise MalformedPayload("user_id: missing")
    asked = records.shown(known.get("date"))
    here = Telling(found, driver, TOLD_BY, fetched_at, day, asked)
    beside = records.values({name: one for name, one in members.items() if name not in OF_ALL})
    for place, content in enumerate(here.parts(members, "trip_info"), start=1):
        with here.aside(place, content):
            _trip(here, content, beside)
    _auth_days(here, members.get("auth_data"))
    for place, content in enumerate(here.parts(members, "heartbeat"), start=1):
        with here.aside(place, content):
            _heartbeat(here, records.decoded(content))


def _trip(here: Telling, content: msgspec.Raw, beside: Members) -> None:
    members = records.members(content)
    info = records.decoded(members.get("trip"))
    trip = here.trip(info)
    more = records.values({name: one for name, one in members.items() if name not in OF_A_TRIP})
    here.add_trip(
        trip,
        info,
        events=here.parts(members, "events"),
        tells=telling.EVERYTHING,
        beside={**beside, **more},
    )
    here.add_scores(trip, info)
    impact = members.get("collision_info")
    with here.aside(None, impact):
        here.add_collision(trip, impact)
    here.add_points(trip, points.RAW_GPS, members.get("raw_gps"))


def _auth_days(here: Telling, content: msgspec.Raw | None) -> None:
    """Whether the driver's app showed who it is, by date."""
    days: dict[str, msgspec.Raw] = {}
    with here.aside(None, content):
        days = records.optional_members(content)
    for name, one in days.items():
        with here.aside(None, one):
            row = {PERSON: here.driver, "day": _date(name), "auth_key": f"{name}-{here.driver}"}
            told = records.declared([datasets.AUTHENTICATED], {"authenticated": records.value(one)})
            here.add_day("auth_days", row | told)


def _heartbeat(here: Telling, found: Members) -> None:
    """How healthy an app was on a day."""
    row = records.declared(datasets.HEARTBEAT, found)
    driver = records.text_of(found.get("user_id")) or here.driver
    if not row["start_date"]:
        raise MalformedPayload("start_date: missing")
    told_of = (row["start_date"], driver, row["application_id"], row["platform_string"])
    which = {
        PERSON: driver,
        "day": _date(row["start_date"]),
        "heartbeat_key": "-".join(one or "" for one in told_of),
    }
    more = records.undeclared(found, _HEARTBEAT, TAKEN["heartbeats"])
    here.add_day("heartbeats", {**which, **row, **more})


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedPayload("no date") from None
