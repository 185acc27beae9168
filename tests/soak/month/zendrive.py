"""Zendrive's month: a notification of each trip of some people, and all about those who crashed."""

import hashlib
from datetime import UTC, date

import orjson

from telematics.raw import RawKey
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive import notices, payload
from tests.sandbox.simulators.zendrive.drivers import PROVIDER, Drivers, driver_id, trip_id
from tests.sandbox.simulators.zendrive.notices import TRIP_SCORED
from tests.sandbox.simulators.zendrive.payload import Question, Wish
from tests.sandbox.simulators.zendrive.recording import gps
from tests.sandbox.simulators.zendrive.settings import Settings
from tests.soak.month.truth import Driven, Name, Place
from tests.soak.month.world import Into

EVERY = 10  # person uses it: an object each trip, of everybody's it would be 70,000
GPS_SECONDS = 5.0


class Zendrive:
    """As its webhooks bring it: notifications, and the answers about collisions."""

    def __init__(self, seed: int, users: int) -> None:
        self._drivers = Drivers(Settings(seed, users))

    def store(self, day: date, into: Into) -> None:
        for person in self._drivers.people:
            if person.number % EVERY == 0:
                for trip in self._drivers.trips(person, day, day):
                    self._notify(trip, day, into)

    def _notify(self, trip: Trip, day: date, into: Into) -> None:
        crash = self._drivers.crash_of(trip)
        for told in notices.of_trip(trip, crash, (TRIP_SCORED,), with_data=True):
            self._put("notifications", day, orjson.dumps(told), into)
            into.truth.tell(_name(trip), Driven(driver_id(trip.person), trip.distance_m))
            into.points += len(trip.way)
        if crash:
            self._answer(trip, day, into)

    def _answer(self, crashed: Trip, day: date, into: Into) -> None:
        """Of the trips of three days, which the lake has once."""
        question = Question(driver_id(crashed.person), day, "")
        told = payload.made(self._drivers, question, Wish(GPS_SECONDS), GPS_SECONDS)
        self._put("collision_details", day, orjson.dumps(told), into)
        days = (date.fromordinal(day.toordinal() + number) for number in (-1, 1))
        for trip in self._drivers.trips(crashed.person, *days):
            into.truth.tell(_name(trip), Driven(driver_id(trip.person), trip.distance_m))
        crash = self._drivers.crash_of(crashed)
        places: list[Place] = [
            (float(str(one["latitude"])), float(str(one["longitude"])))
            for one in gps(crashed, crash, GPS_SECONDS)
        ]
        into.truth.show(_name(crashed), driver_id(crashed.person), places)

    def _put(self, dataset: str, day: date, body: bytes, into: Into) -> None:
        digest = hashlib.sha256(body).hexdigest()
        into.put(RawKey(PROVIDER, dataset, day, digest, "json"), body)


def _name(trip: Trip) -> Name:
    return Name(PROVIDER, trip.start.astimezone(UTC).date(), str(trip_id(trip)))
