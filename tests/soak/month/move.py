"""MOVE's month: the answers to batches of a hundred items, and the points of some."""

import hashlib
from datetime import UTC, date, datetime

import orjson

from telematics.enrichment.enriching import slices
from telematics.enrichment.envelope import Entry
from telematics.providers.move.trip_id import TripId
from tests.sandbox.simulators.move import SECRET
from tests.sandbox.simulators.move.features import V1_5, described
from tests.sandbox.simulators.move.points import points
from tests.sandbox.simulators.move.settings import Settings
from tests.sandbox.simulators.move.timeline import WITH_POINTS, Item, Timeline
from tests.sandbox.simulators.trips import Trip
from tests.soak.month.truth import Driven, Name
from tests.soak.month.world import Into, fetched_at, has_points

PROVIDER, DATASET = "move", "timeline_items"
ITEMS = 100
NO_TRIPS = ("IDLE", "FAKETRIP")


class Move:
    """As enrichment keeps it."""

    def __init__(self, seed: int, users: int) -> None:
        self._timeline = Timeline(Settings(seed, users))

    def store(self, day: date, into: Into) -> None:
        for items in slices(list(self._timeline.everybody(day, day)), ITEMS):
            told = [(one, self._timeline.trip(one)) for one in items]
            body = orjson.dumps([described(one, one.kind, trip, V1_5) for one, trip in told])
            entries = [Entry("batch", fetched_at(day), body)]
            for item, trip in told:
                if trip is not None:
                    self._note(item, trip, into)
                    if item.kind in WITH_POINTS and has_points(trip.key):
                        entries.append(_points(item, trip, day, into))
            digest = hashlib.sha256(body).hexdigest()
            identity = f"{digest[:32]}-{digest[:16]}-0"
            into.put_answers(PROVIDER, DATASET, day, identity, entries)

    def _note(self, item: Item, trip: Trip, into: Into) -> None:
        if item.kind not in NO_TRIPS:
            metres = None if item.kind == "WALKING" else trip.distance_m
            into.truth.tell(_name(item), Driven(item.contract, metres))


def _points(item: Item, trip: Trip, day: date, into: Into) -> Entry:
    told = points(item, trip, V1_5, with_info=True)
    into.points += len(told)
    places = [(float(str(one["lat"])), float(str(one["lon"]))) for one in told]
    into.truth.show(_name(item), item.contract, places)
    return Entry("points", fetched_at(day), orjson.dumps(told), trip=str(_id(item)))


def _name(item: Item) -> Name:
    return Name(PROVIDER, item.start.date(), str(_id(item)))


def _id(item: Item) -> TripId:
    start: datetime = item.start.astimezone(UTC)
    return TripId(start, str(SECRET["product_id"]), item.contract)
