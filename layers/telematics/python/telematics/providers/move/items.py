"""A timeline item as rows of the lake, whichever call and version of the API it came from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from telematics import versions
from telematics.datasets import PERSON, lake_name
from telematics.providers.move import features
from telematics.providers.move.datasets import SCORES, TIMELINE_ITEMS
from telematics.providers.move.features import Features, take
from telematics.providers.move.trip_id import TripId
from telematics.versions import Row, Thing

T = TypeVar("T")

# A time in seconds is below this until 5138, one in milliseconds has been above since 1973.
MILLISECONDS_FROM = 1e11
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPELT: Mapping[str, str] = {
    "projectId": "productId",
    "userId": "contractId",
}


class Head(msgspec.Struct):
    """What every item has, beside its features."""

    product: int | str = msgspec.field(name="productId")
    contract: int | str = msgspec.field(name="contractId")
    start: datetime = msgspec.field(name="startTs")
    end: datetime | None = msgspec.field(default=None, name="endTs")
    type: str | None = None
    start_time_zone: str | None = msgspec.field(default=None, name="startTimeZone")
    end_time_zone: str | None = msgspec.field(default=None, name="endTimeZone")
    features: list[object] | dict[str, object] | None = None


_DECLARED = {column.name for column in TIMELINE_ITEMS.columns}
_KNOWN = {one.encode_name for one in msgspec.structs.fields(Head)}


@dataclass(frozen=True)
class Item:
    """A timeline item: one row, and the rows of its parts by dataset."""

    trip: TripId
    row: Row
    parts: Mapping[str, list[Row]]

    @property
    def digest(self) -> str:
        """Of what it says, not how: the calls of the API spell one item differently."""
        return versions.digest(self.row, self.parts)

    def thing(self, fetched_at: datetime) -> Thing:
        rows = {"timeline_items": [self.row], **self.parts}
        key, day = str(self.trip), self.trip.start.date()
        return Thing("timeline_items", key, day, fetched_at, self.digest, rows)


def understood(content: bytes) -> Item:
    """Raises one of versions.NOT_READABLE, mostly one that says what is wrong with it."""
    spelt = msgspec.json.decode(content, type=dict[str, object])
    members = {_SPELT.get(name, name): value for name, value in spelt.items()}
    head = msgspec.convert(members, Head)
    trip = TripId(utc(head.start), str(head.product), str(head.contract))
    found = features.by_name(head.features)
    events = take(found, "drivingBehaviorEvents", features.DrivingEvents)
    phone = take(found, "phoneDistractions", features.PhoneDistractions)
    areas = take(found, "dangerousAreas", features.Areas)
    row = {
        **which(trip),
        "start_ts": trip.start,
        "end_ts": utc(head.end) if head.end else None,
        "type": head.type,
        "start_time_zone": head.start_time_zone,
        "end_time_zone": head.end_time_zone,
        **_unknown(members),
        "valid_time_s": events.valid_time,
        **_seconds(phone),
        **_described(found),
    }
    return Item(
        trip,
        row,
        {
            "driving_events": _parts(trip, _event, events.events),
            "phone_distractions": _parts(trip, _distraction, phone.distractions),
            "dangerous_areas": _parts(trip, _area, areas.areas),
        },
    )


def _parts(trip: TripId, row: Callable[[T], Row], found: Sequence[T]) -> list[Row]:
    return [{**which(trip), **row(one)} for one in found]


def which(trip: TripId) -> Row:
    """The columns that say whose trip a row is of, and which."""
    return {
        PERSON: trip.contract,
        "day": trip.start.date(),
        "trip_id": str(trip),
        "product_id": trip.product,
    }


def _unknown(members: Mapping[str, object]) -> Row:
    """Members that nobody declared are columns of text."""
    return {
        _free(lake_name(name)): value if isinstance(value, str) else json_text(value)
        for name, value in members.items()
        if name not in _KNOWN and value is not None
    }


def _free(name: str) -> str:
    return f"provider_{name}" if name in _DECLARED else name


def _described(found: Features) -> Row:
    """What an item has at most one of; the features that are left are kept as they are."""
    source = take(found, "source", features.Source)
    transport = take(found, "transport", features.Transport)
    gps = take(found, "gpsStats", features.GpsStats)
    scores, other_scores = features.take_scores(found, SCORES)
    return {
        **_place("start", take(found, "startLocation", features.Place)),
        **_place("end", take(found, "endLocation", features.Place)),
        "source_id": source.id,
        "source_name": source.name,
        "transport_type": transport.type,
        "transport_probabilities": json_text(transport.probabilities),
        "distance": gps.distance,
        "max_speed": gps.max_speed,
        "average_speed": gps.average_speed,
        **{f"score_{name.lower()}": score for name, score in scores.items()},
        "other_scores": json_text(other_scores),
        "metas": json_text(found.pop("metas", None)),
        "other_features": json_text(found or None),
    }


def _place(end: str, place: features.Place) -> Row:
    return {f"{end}_lat": place.lat, f"{end}_lon": place.lon, f"{end}_name": place.name} | (
        {f"{end}_time_zone": place.time_zone} if place.time_zone else {}
    )


def _seconds(phone: features.PhoneDistractions) -> Row:
    columns = {f"{lake_name(name)}_s": seconds for name, seconds in phone.seconds.items()}
    return {
        name: seconds if name in _DECLARED else json_text(seconds)
        for name, seconds in columns.items()
    }


def _event(event: features.DrivingEvent) -> Row:
    return {
        "time": instant(event.timestamp or event.time),
        "type": event.type,
        "strength": event.strength,
        "lat": event.lat,
        "lon": event.lon,
        "raw_accel": event.raw_accel,
    }


def _distraction(distraction: features.Distraction) -> Row:
    return {
        "type": distraction.type,
        "start_ts": instant(distraction.start),
        "end_ts": instant(distraction.end),
    }


def _area(area: features.Area) -> Row:
    return {
        "area_id": area.id,
        "name": area.name,
        "lat": area.lat,
        "lon": area.lon,
        "radius": area.radius,
    }


def instant(time: datetime | float | None) -> datetime | None:
    """A moment, or a UNIX timestamp, in seconds or, as its size gives away, in milliseconds."""
    if time is None or isinstance(time, datetime):
        return utc(time) if time else None
    seconds = time / 1000 if abs(time) >= MILLISECONDS_FROM else time
    return _EPOCH + timedelta(seconds=seconds)


def utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def json_text(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
