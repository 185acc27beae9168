"""Where somebody was, every few seconds between the waypoints of a trip."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from tests.sandbox.simulators.chance import chance
from tests.sandbox.simulators.move.features import Json, Version
from tests.sandbox.simulators.move.timeline import SECONDS_PER_POINT, Item
from tests.sandbox.simulators.routes import Waypoint
from tests.sandbox.simulators.trips import Trip

ROAD_IS_OFF_BY = 0.00004  # degrees: some metres


def points(item: Item, trip: Trip | None, version: Version, *, with_info: bool) -> list[Json]:
    if trip is None:
        return []
    off = ROAD_IS_OFF_BY * (0.5 - chance(trip.key, "road").random())
    found = list[Json]()
    for number, (latitude, longitude, waypoint) in enumerate(_passed(trip, item.points)):
        moment = item.start + timedelta(seconds=number * SECONDS_PER_POINT)
        point: Json = {
            "timestamp": moment.isoformat(timespec="milliseconds")[:-6] + "Z",
            "lat": round(latitude, 6),
            "lon": round(longitude, 6),
        }
        if with_info:
            point["wayPointInfo"] = {
                "speed": round(waypoint.speed_kmh, 1),
                "speedLimit": waypoint.limit_kmh,
                "wayType": _way_type(waypoint, number),
                "roadLat": round(latitude + off, 6),
                "roadLon": round(longitude - off, 6),
                **({} if version.is_old else {"origLat": latitude, "origLon": longitude}),
            }
        found.append(point)
    return found


def _passed(trip: Trip, count: int) -> Iterator[tuple[float, float, Waypoint]]:
    """Latitude, longitude and the waypoint that one is heading for."""
    legs = pairwise(trip.way)
    here, there = next(legs)
    for number in range(count):
        after_s = number * SECONDS_PER_POINT
        while after_s > there.after_s and (leg := next(legs, None)):
            here, there = leg
        part = min(1.0, (after_s - here.after_s) / (there.after_s - here.after_s))
        yield (
            here.latitude + (there.latitude - here.latitude) * part,
            here.longitude + (there.longitude - here.longitude) * part,
            there,
        )


def _way_type(waypoint: Waypoint, number: int) -> str:
    if waypoint.limit_kmh >= 120:
        return "tunnel" if number % 97 == 60 else "motorway"
    return "city" if waypoint.limit_kmh <= 50 else "other"
