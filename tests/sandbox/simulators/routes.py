"""The way between two places: along streets that cross at right angles, or by rail."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

from tests.sandbox.simulators import city
from tests.sandbox.simulators.city import Place

Ends: TypeAlias = tuple[Place, Place]
Point: TypeAlias = tuple[float, float]

SECONDS_PER_WAYPOINT = 30
MOST_WAYPOINTS = 400
METRES_PER_CORNER = 1_200
STREETS_TURNED_BY = math.radians(24)
SPEED_LIMITS_KMH = (30, 50, 70, 90, 120)
_COSINE, _SINE = math.cos(STREETS_TURNED_BY), math.sin(STREETS_TURNED_BY)


@dataclass(frozen=True, slots=True)
class Waypoint:
    """`after_s` counts from the start of the trip."""

    after_s: float
    latitude: float
    longitude: float
    speed_kmh: float
    limit_kmh: int


def distance_m(ends: Ends, *, is_straight: bool) -> float:
    """The length of every way that only ever goes on."""
    along_m, across_m = _in_streets(ends)
    return math.hypot(along_m, across_m) if is_straight else abs(along_m) + abs(across_m)


def waypoints(
    ends: Ends, *, duration_s: int, is_straight: bool, random: random.Random
) -> tuple[Waypoint, ...]:
    """A place about every half minute, at a speed that changes as in traffic."""
    corners = _corners(ends, is_straight=is_straight, random=random)
    lengths = [math.dist(*leg) for leg in pairwise(corners)]
    total_m = sum(lengths)
    steps = max(2, min(MOST_WAYPOINTS, duration_s // SECONDS_PER_WAYPOINT))
    paces = _paces(steps, random)
    metres_per_pace = total_m / sum(paces)
    seconds = duration_s / steps
    reached = accumulate((pace * metres_per_pace for pace in paces), initial=0.0)
    places = _places(corners, lengths, reached)
    speeds = [pace * metres_per_pace / seconds * 3.6 for pace in (paces[0], *paces)]
    limit = _limit(total_m / duration_s * 3.6)
    return tuple(
        Waypoint(number * seconds, *city.coordinates(east, north), speed, limit)
        for number, ((east, north), speed) in enumerate(zip(places, speeds, strict=True))
    )


def top_speed_kmh(way: Sequence[Waypoint]) -> float:
    return max(waypoint.speed_kmh for waypoint in way)


def _paces(steps: int, random: random.Random) -> list[float]:
    """Slow at both ends; a red light now and then."""
    paces = [0.08 if random.random() < 0.08 else random.uniform(0.6, 1.3) for _ in range(steps)]
    paces[0] *= 0.6
    paces[-1] *= 0.5
    return paces


def _corners(ends: Ends, *, is_straight: bool, random: random.Random) -> list[Point]:
    """In metres east and north: turning left and right by turns, never back."""
    origin, destination = ((place.east_m, place.north_m) for place in ends)
    if is_straight:
        return [origin, destination]
    along_m, across_m = _in_streets(ends)
    blocks = 2 + int(min(12, (abs(along_m) + abs(across_m)) // METRES_PER_CORNER))
    steps = zip(_split(along_m, blocks, random), _split(across_m, blocks, random), strict=True)
    corners = [origin]
    for along, across in steps:
        corners.append(_moved(corners[-1], along, 0.0))
        corners.append(_moved(corners[-1], 0.0, across))
    return corners


def _split(length_m: float, parts: int, random: random.Random) -> list[float]:
    cuts = sorted(random.random() for _ in range(parts - 1))
    return [(end - start) * length_m for start, end in pairwise((0.0, *cuts, 1.0))]


def _in_streets(ends: Ends) -> Point:
    """How far along the one kind of streets and along those that cross them."""
    east_m = ends[1].east_m - ends[0].east_m
    north_m = ends[1].north_m - ends[0].north_m
    return east_m * _COSINE + north_m * _SINE, north_m * _COSINE - east_m * _SINE


def _moved(point: Point, along_m: float, across_m: float) -> Point:
    east_m, north_m = point
    return (
        east_m + along_m * _COSINE - across_m * _SINE,
        north_m + along_m * _SINE + across_m * _COSINE,
    )


def _places(
    corners: list[Point], lengths: list[float], reached: Iterator[float]
) -> Iterator[Point]:
    """Where one is after so many metres, given in order."""
    leg, begins_at = 0, 0.0
    for metres in reached:
        while leg < len(lengths) - 1 and metres > begins_at + lengths[leg]:
            begins_at += lengths[leg]
            leg += 1
        (east, north), (next_east, next_north) = corners[leg], corners[leg + 1]
        part = min(1.0, (metres - begins_at) / lengths[leg]) if lengths[leg] else 0.0
        yield east + (next_east - east) * part, north + (next_north - north) * part


def _limit(average_kmh: float) -> int:
    return next((limit for limit in SPEED_LIMITS_KMH if limit >= average_kmh * 1.15), 120)
