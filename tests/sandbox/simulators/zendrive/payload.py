"""What a callback brings: trips, authentications and heartbeats of the days around a date, UTC."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import orjson

from tests.sandbox.simulators.chance import identity, share
from tests.sandbox.simulators.people import Person
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive import events, told
from tests.sandbox.simulators.zendrive.drivers import Drivers
from tests.sandbox.simulators.zendrive.events import COLLISION, TRIGGERS, Event
from tests.sandbox.simulators.zendrive.recording import Json, gps

NEAR_MS = 15 * 60_000  # of the time that was given
MISSING = -1
_DAY = timedelta(days=1)
_CODES = ("setup", "location_permissions", "location_service", "activity_permissions")
_MORE_CODES = ("background_restrictions", "precise_location")


class Question(msgspec.Struct, frozen=True):
    """A request for a collision's detail, as the vendor documents it."""

    user_id: str
    date: date
    webhook_url: str
    collision_id: str | int | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def moment_ms(self) -> int | None:
        return None if self.collision_id is None else int(self.collision_id)

    @property
    def text(self) -> str:
        """The same for the same question, wherever it is to be answered."""
        about = (self.date, self.collision_id, self.latitude, self.longitude)
        return "|".join(map(str, (self.user_id, *about)))


@dataclass(frozen=True)
class Wish:
    """How the answer is to be."""

    gps_seconds: float
    has_trips: bool = True
    has_collision: bool = True
    bytes: int | None = None


def body(drivers: Drivers, question: Question, wish: Wish) -> tuple[Json, bytes]:
    """What is in it, and how it is sent."""
    payload = made(drivers, question, wish, wish.gps_seconds)
    content = orjson.dumps(payload)
    if wish.bytes is None:
        return payload, content
    for _ in range(3):
        payload = made(drivers, question, wish, _step(payload, content, wish.bytes))
        content = orjson.dumps(payload)
    while len(content) > wish.bytes and _drop_points(payload, len(content) - wish.bytes):
        content = orjson.dumps(payload)
    return payload, content.ljust(wish.bytes)


def made(drivers: Drivers, question: Question, wish: Wish, step_s: float) -> Json:
    person = drivers.find(question.user_id)
    days = [question.date + _DAY * number for number in (-1, 0, 1)]
    trips = drivers.trips(person, days[0], days[-1]) if person and wish.has_trips else []
    return {
        "trip_info": [_trip(drivers, trip, question, wish, step_s) for trip in trips],
        "auth_data": {f"{day}": _is_seen(drivers, person, day) for day in days},
        "heartbeat": list(_heartbeats(drivers, person, days)) if person else [],
        "user_id": question.user_id,
        "date": f"{question.date}",
    }


def _trip(drivers: Drivers, trip: Trip, question: Question, wish: Wish, step_s: float) -> Json:
    crash = drivers.crash_of(trip)
    happened = events.of(trip, crash)
    trigger = _trigger(happened, question.moment_ms) if wish.has_collision else None
    info: Json = {}
    if trigger:
        is_crash = crash and trigger.type == COLLISION
        info = told.collision(crash) if crash and is_crash else told.near_collision(trip, trigger)
    end = told.ends_at(trip)
    return {
        "trip": told.trip(trip),
        "events": [event.told for event in happened],
        "collision_info": info,
        "raw_gps": list(gps(trip, crash, step_s)),
        "trip_end_location_given_col_loc_dist": _distance_m(trip, question),
        "trip_timestamp_end_given_col_ts_diff": (
            MISSING if question.moment_ms is None else end - question.moment_ms
        ),
    }


def _trigger(happened: list[Event], moment_ms: int | None) -> Event | None:
    """The only one; where there are several, the one at the time that was given."""
    triggers = [event for event in happened if event.type in TRIGGERS]
    if len(triggers) == 1:
        return triggers[0]
    if moment_ms is None or not triggers:
        return None
    nearest = min(triggers, key=lambda event: abs(event.moment_ms - moment_ms))
    return nearest if abs(nearest.moment_ms - moment_ms) <= NEAR_MS else None


def _distance_m(trip: Trip, question: Question) -> float:
    """Along the great circle, from where the trip ended to where the claim says."""
    if question.latitude is None or question.longitude is None:
        return MISSING
    end = trip.way[-1]
    here, there = math.radians(end.latitude), math.radians(question.latitude)
    across = math.radians(question.longitude - end.longitude)
    half = (
        math.sin((there - here) / 2) ** 2
        + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def _is_seen(drivers: Drivers, person: Person | None, day: date) -> bool:
    """Did their phone call in on that day?"""
    if person is None or day > drivers.now().date():
        return False
    return share(person.key, day, "auth") < 0.9


def _heartbeats(drivers: Drivers, person: Person, days: list[date]) -> Iterator[Json]:
    """Days without are left out."""
    for day in days:
        if _is_seen(drivers, person, day):
            codes = {
                f"{name}_color_code": _colour(person, day, name) for name in (*_CODES, *_MORE_CODES)
            }
            has_battery = told.platform(person) == told.ANDROID
            battery = _colour(person, day, "battery", often=4) if has_battery else None
            yield {
                "application_id": f"sandbox-{identity(10, drivers.people.seed, 'app')}",
                "user_id": person.identity("zendrive"),
                "platform_string": told.platform(person),
                "overall_color_code": max(codes.values(), key="GOR".index),
                **codes,
                "battery_optimization_color_code": battery,
                "start_date": f"{day}",
            }


def _colour(person: Person, day: date, name: str, *, often: int = 1) -> str:
    """Permissions change seldom: about once in a month."""
    drawn = share(person.key, name, day.toordinal() // 30) / often
    return "R" if drawn < 0.06 else "O" if drawn < 0.1 else "G"


def _step(payload: Json, content: bytes, wanted: int) -> float:
    """How far apart points must be for so many bytes."""
    trips = _trips(payload)
    points = sum(len(one["raw_gps"]) for one in trips)
    if not points:
        return 1.0
    rest = len(orjson.dumps({**payload, "trip_info": [{**one, "raw_gps": []} for one in trips]}))
    each = (len(content) - rest) / points
    seconds = sum(one["trip"]["duration_seconds"] for one in trips)
    return max(0.002, float(seconds * each / max(each, wanted - rest)) * 1.0005)


def _drop_points(payload: Json, too_many: int) -> bool:
    """From the end of the longest."""
    trips = [one for one in _trips(payload) if one["raw_gps"]]
    if not trips:
        return False
    longest = max((one["raw_gps"] for one in trips), key=len)
    del longest[-(too_many // 150 + 1) :]
    return True


def _trips(payload: Json) -> Any:  # Any: its parts are looked into
    return payload["trip_info"]
