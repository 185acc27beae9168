"""What a phone recorded: where it was once a second, and how it was shaken around an impact."""

import math
from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import TypeAlias

from tests.sandbox.simulators import city
from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.crashes import Crash
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.trips import Trip
from tests.sandbox.simulators.zendrive.drivers import epoch_ms, trip_id

Json: TypeAlias = dict[str, object]

MOTION_STEP_MS, MOTION_MS = 9, 9_999  # before and after: nearly ten seconds, the impact among them
IMPACT_MS = 70
BEFORE_IMPACT_S, AFTER_IMPACT_S = 8, 20


def local(moment_ms: int, zone: tzinfo | None) -> str:
    """Whole seconds, with the offset of the place."""
    return datetime.fromtimestamp(moment_ms // 1000, zone).isoformat()


def gps(trip: Trip, crash: Crash | None, step_s: float) -> Iterator[Json]:
    start, zone, random = trip_id(trip), trip.start.tzinfo, chance(trip.key, "gps")
    legs = pairwise(trip.way)
    here, there = next(legs)
    for number in range(int(trip.duration_s / step_s) + 1):
        after_s = number * step_s
        while after_s > there.after_s and (leg := next(legs, None)):
            here, there = leg
        part = min(1.0, (after_s - here.after_s) / (there.after_s - here.after_s))
        moment = start + round(after_s * 1000)
        yield {
            "course": course(here, there),
            "horizontal_accuracy": float(random.choice((5, 5, 5, 8, 12, 36))),
            "latitude": round(here.latitude + (there.latitude - here.latitude) * part, 7),
            "longitude": round(here.longitude + (there.longitude - here.longitude) * part, 7),
            "timestamp": moment,
            "raw_speed_mps": round(_speed_mps(here, there, part, crash, after_s), 6),
            "heading": -1.0,
            "date_time": local(moment, zone),
        }


def course(here: Waypoint, there: Waypoint) -> float:
    """Degrees from north."""
    east = (there.longitude - here.longitude) * math.cos(math.radians(city.LATITUDE))
    return float(round(math.degrees(math.atan2(east, there.latitude - here.latitude))) % 360)


def motion(crash: Crash, g_force: float) -> Iterator[Json]:
    """Calm, the impact, and calm again; its highest is `g_force`."""
    moment, zone = epoch_ms(crash.moment), crash.trip.start.tzinfo
    random = chance(crash.trip.key, "motion")
    for after_ms in range(-MOTION_MS, MOTION_MS + 1, MOTION_STEP_MS):
        shock = math.exp(-((after_ms / IMPACT_MS) ** 2))
        yield {
            "timestamp": moment + after_ms,
            "date_time": local(moment + after_ms, zone),
            "acceleration_R": shock * g_force + (1 - shock) * random.gauss(0, 0.02),
        }


def _speed_mps(
    here: Waypoint, there: Waypoint, part: float, crash: Crash | None, after_s: float
) -> float:
    if crash and (since_s := after_s - int(crash.place.after_s)) >= -BEFORE_IMPACT_S:
        speed_mps = crash.place.speed_kmh / 3.6
        if since_s <= 0:
            return speed_mps
        if since_s <= AFTER_IMPACT_S:
            return speed_mps * math.exp(-2 * since_s)
    return (here.speed_kmh + (there.speed_kmh - here.speed_kmh) * part) / 3.6
