"""What MOVE sent, as rows: notifications from its webhooks, details from its API."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from telematics import versions
from telematics.datasets import PERSON
from telematics.enrichment import envelope
from telematics.enrichment.envelope import Kept
from telematics.errors import MalformedPayload, TelematicsError
from telematics.providers.move import deliveries, items
from telematics.providers.move.trip_id import TripId
from telematics.raw import RawKey
from telematics.versions import Contents, Row, Thing, Unreadable


class WayPoint(msgspec.Struct):
    """What the road says of a point; `dangerousAreaId` in v20."""

    speed: float | None = None
    speed_limit: float | None = msgspec.field(default=None, name="speedLimit")
    way_type: str | None = msgspec.field(default=None, name="wayType")
    road_lat: float | None = msgspec.field(default=None, name="roadLat")
    road_lon: float | None = msgspec.field(default=None, name="roadLon")
    area: str | None = msgspec.field(default=None, name="dangerousAreaId")


class Point(msgspec.Struct):
    """Where somebody was."""

    timestamp: datetime
    lat: float
    lon: float
    way: WayPoint | None = msgspec.field(default=None, name="wayPointInfo")


_parts = msgspec.json.Decoder(list[msgspec.Raw])
_all_points = msgspec.json.Decoder(list[Point])
_a_point = msgspec.json.Decoder(Point)


def contents(key: RawKey, body: bytes, fetched_at: datetime) -> Contents:
    """Raises MalformedPayload where nothing at all can be read."""
    found = Contents()
    try:
        match key.dataset:
            case "timeline":
                notified(found, body, fetched_at)
            case "notifications":
                told(found, body, fetched_at)
            case "timeline_items":
                detailed(found, body)
            case unknown:
                raise MalformedPayload(f"no reader for the dataset {unknown!r}")
    except versions.NOT_READABLE as error:
        raise MalformedPayload(f"not what was documented: {error}") from error
    return found


def notified(found: Contents, body: bytes, fetched_at: datetime) -> None:
    """Timeline items that somebody has; the details are still to be asked for."""
    for place, content in enumerate(deliveries.split("timeline", body), start=1):
        with _kept_if_unreadable(found, place, content):
            item = deliveries.timeline_item(content)
            trip = TripId(items.utc(item.start), item.product, item.contract)
            _tell_notification(
                found,
                fetched_at,
                {
                    **items.which(trip),
                    "notification_id": str(trip),
                    "notifier": "timeline",
                    "type": item.type,
                    "start_ts": trip.start,
                    "end_ts": items.utc(item.end) if item.end else None,
                },
            )


def told(found: Contents, body: bytes, fetched_at: datetime) -> None:
    """Whatever does not fit the timeline: places of interest, weather, and what is yet to come."""
    for place, content in enumerate(deliveries.split("notifications", body), start=1):
        with _kept_if_unreadable(found, place, content):
            one = deliveries.notification(content)
            time = items.utc(one.time)
            _tell_notification(
                found,
                fetched_at,
                {
                    PERSON: one.contract,
                    "day": time.date(),
                    "notification_id": one.id,
                    "product_id": one.product,
                    "notifier": "notifications",
                    "type": one.type,
                    "time": time,
                    "data": items.json_text(one.data),
                },
            )


def _tell_notification(found: Contents, fetched_at: datetime, row: Row) -> None:
    key, day, digest = row["notification_id"], row["day"], versions.digest(row)
    thing = Thing("notifications", key, day, fetched_at, digest, {"notifications": [row]})
    found.things.append(thing)


def detailed(found: Contents, body: bytes) -> None:
    """Answers of the API: items, and the points of single items."""
    for kept in envelope.unpacked(body):
        if kept.trip is not None:
            _points_of(found, kept, TripId.parse(kept.trip))
            continue
        for content in _one_or_many(bytes(kept.answer)):
            with _kept_if_unreadable(found, None, content):
                found.things.append(items.understood(bytes(content)).thing(kept.fetched_at))


def _one_or_many(answer: bytes) -> list[msgspec.Raw]:
    return _parts.decode(answer) if answer.lstrip()[:1] == b"[" else [msgspec.Raw(answer)]


def _points_of(found: Contents, kept: Kept, trip: TripId) -> None:
    which = items.which(trip)
    rows = [{**which, **_point(point)} for point in _points(found, bytes(kept.answer))]
    key, day, digest = str(trip), trip.start.date(), versions.digest(rows)
    found.things.append(Thing("points", key, day, kept.fetched_at, digest, {"points": rows}))


def _points(found: Contents, answer: bytes) -> Iterator[Point]:
    """All at once, or, when some can't be read, one by one."""
    try:
        yield from _all_points.decode(answer)
    except versions.NOT_READABLE:
        for place, content in enumerate(_parts.decode(answer), start=1):
            with _kept_if_unreadable(found, place, content):
                yield _a_point.decode(content)


def _point(point: Point) -> Row:
    way = point.way or WayPoint()
    return {
        "timestamp": items.utc(point.timestamp),
        "lat": point.lat,
        "lon": point.lon,
        "speed": way.speed,
        "speed_limit": way.speed_limit,
        "way_type": way.way_type,
        "road_lat": way.road_lat,
        "road_lon": way.road_lon,
        "dangerous_area_id": way.area,
    }


@contextmanager
def _kept_if_unreadable(found: Contents, place: int | None, content: msgspec.Raw) -> Iterator[None]:
    """What can't be read goes to quarantine by itself."""
    try:
        yield
    except (*versions.NOT_READABLE, TelematicsError) as error:
        shown = bytes(content).decode(errors="replace")
        found.unreadable.append(Unreadable(place, str(error), shown))
