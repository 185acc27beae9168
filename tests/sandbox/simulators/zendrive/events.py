"""What goes wrong on a trip, as Zendrive numbers it: the less care, the more."""

from dataclasses import dataclass

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.trips import DRIVEN, Trip
from tests.sandbox.simulators.zendrive.drivers import trip_id
from tests.sandbox.simulators.zendrive.recording import Json, local

NAMES = {
    0: "HARD_BRAKE",
    1: "RAPID_ACCELERATION",
    2: "PHONE_USE",
    3: "OVERSPEEDING",
    4: "COLLISION",
    5: "HARD_TURN",
    6: "PHONE_SCREEN_INTERACTION",
    8: "HANDS_FREE_PHONE_CALL",
    9: "PASSIVE_DISTRACTION",
    10: "NEAR_COLLISION",
}
OVERSPEEDING, COLLISION, NEAR_COLLISION = 3, 4, 10
TRIGGERS = frozenset({COLLISION, NEAR_COLLISION})
SHARE_NEARLY = 0.01
_OF_DRIVERS, _OF_PHONES = (0, 0, 1, 3, 5), (2, 6, 8, 9)
_MOMENTS = frozenset({0, 1, 4, 5, 10})


@dataclass(frozen=True)
class Event:
    """From here to there; `moment_ms` is of its start."""

    type: int
    moment_ms: int
    told: Json


def of(trip: Trip, crash: Crash | None) -> list[Event]:
    """In order."""
    if trip.mode not in DRIVEN:
        return []
    random, person = chance(trip.key, "zendrive"), trip.person
    minutes = trip.duration_s / 60
    rough = min(8, int(random.expovariate(1 / (minutes * (0.03 + 0.3 * (1 - person.care))))))
    phone = min(6, int(random.expovariate(1 / (minutes * (0.01 + person.distraction / 5)))))
    types = [*random.choices(_OF_DRIVERS, k=rough), *random.choices(_OF_PHONES, k=phone)]
    if random.random() < SHARE_NEARLY:
        types.append(NEAR_COLLISION)
    found = [_event(trip, one, random.randrange(trip.duration_s - 10)) for one in types]
    if crash:
        found.append(_told(trip, COLLISION, int(crash.place.after_s), 0, crash.place, crash.place))
    return sorted(found, key=lambda event: event.moment_ms)


def _event(trip: Trip, kind: int, after_s: int) -> Event:
    lasts_s = 0 if kind in _MOMENTS else min(35, trip.duration_s - after_s)
    here, there = (_near(trip, moment) for moment in (after_s, after_s + lasts_s))
    return _told(trip, kind, after_s, lasts_s, here, there)


def _told(
    trip: Trip, kind: int, after_s: int, lasts_s: int, here: Waypoint, there: Waypoint
) -> Event:
    start, zone = trip_id(trip) + after_s * 1000, trip.start.tzinfo
    told: Json = {
        "event_type": kind,
        "event_type_name": NAMES[kind],
        "start_time": local(start, zone),
        "end_time": local(start + lasts_s * 1000, zone),
        "latitude_start": round(here.latitude, 7),
        "longitude_start": round(here.longitude, 7),
        "latitude_end": round(there.latitude, 7),
        "longitude_end": round(there.longitude, 7),
    }
    if kind == OVERSPEEDING:
        fast = max(here.speed_kmh, here.limit_kmh * 1.1)
        told |= {
            "posted_speed_limit_kmph": float(here.limit_kmh),
            "average_driver_speed_kmph": fast * 1.05,
            "max_driver_speed_kmph": fast * 1.2,
        }
    return Event(kind, start, told)


def _near(trip: Trip, after_s: float) -> Waypoint:
    return min(trip.way, key=lambda one: abs(one.after_s - after_s))
